import Foundation

/// Prompts on disk, by name: files `NAME.md` in `prompts` beside the settings. One serves as a system prompt, or as
/// a message, in which ``place`` stands for what the user adds.
public enum PromptFile {
  /// The place of the input.
  public static let place = "{{input}}"

  /// The text of the prompt `name`, without the line ends that it ends with.
  public static func load(_ name: String, in folder: URL) throws(FileError) -> String {
    let url = try url(of: name, in: folder)
    guard FileManager.default.fileExists(atPath: url.path) else {
      let near = nearest(to: name, among: names(in: folder))
      throw FileError(
        "there is no prompt “\(name.printable)” in \(folder.path)"
          + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"))
    }
    var text = try TextFile.read(url.path)
    while text.last?.isNewline == true { text.removeLast() }
    guard !text.isEmpty else { throw FileError("\(url.path): is empty") }
    return text
  }

  /// Keeps a prompt; creates the folder.
  ///
  /// - Parameter replaces: Whether another of that name may be replaced.
  /// - Throws: ``FileError``, with ``FileError/isTaken`` where one is in the way.
  public static func save(_ text: String, as name: String, in folder: URL, replaces: Bool) throws(FileError) {
    let url = try url(of: name, in: folder)
    if !replaces, let saved = try? load(name, in: folder), saved == text { return }
    try writeAtomically(Data((text + "\n").utf8), to: url, replaces: replaces)
  }

  /// The prompts, sorted.
  public static func names(in folder: URL) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".md") && !$0.hasPrefix(".") }.map { String($0.dropLast(3)) }.sorted()
  }

  /// A prompt with what the user adds: at its places, or after it where it has none.
  public static func filled(_ prompt: String, with input: String) -> String {
    if prompt.contains(place) { return prompt.replacing(place, with: input) }
    return input.isEmpty ? prompt : prompt + "\n\n" + input
  }

  private static func url(of name: String, in folder: URL) throws(FileError) -> URL {
    do { return folder.appending(path: try SessionName(name).description + ".md") } catch {
      throw FileError(error.description)
    }
  }
}
