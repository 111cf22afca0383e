import IO
import Sessions

/// A file that a message names: `@notes.txt`, or `@"my notes.txt"`.
struct FileReference: Sendable, Hashable {
  /// As it was typed.
  var path: String

  /// References that a text may hold: one with more is pasted code, in which the sign means something else.
  private static let limit = 64

  /// The files that a text names, each once. A reference begins a word.
  static func all(in text: String) -> [FileReference] {
    guard text.contains("@") else { return [] }
    var references: [FileReference] = []
    var rest = text[...]
    var before: Character = " "
    while references.count < limit, let character = rest.popFirst() {
      defer { before = character }
      guard character == "@", before.isWhitespace || before == "(" else { continue }
      let path: Substring
      if rest.first == "\"" {
        path = rest.dropFirst().prefix { $0 != "\"" && !$0.isNewline }
        guard rest.dropFirst(path.count + 1).first == "\"" else { continue }
      } else {
        path = rest.prefix { !$0.isWhitespace }
      }
      let reference = FileReference(path: String(path))
      if !path.isEmpty, !references.contains(reference) { references.append(reference) }
    }
    return references
  }

  /// A path as a reference to it is typed.
  static func spelling(of path: String) -> String {
    path.contains(where: \.isWhitespace) ? "@\"\(path)\"" : "@" + path
  }

  /// The paths that may be meant: as typed, and without what ends a sentence or closes a bracket.
  var candidates: [String] {
    var path = path
    while let last = path.last, ".,;:!?)".contains(last) { path.removeLast() }
    return path == self.path || path.isEmpty ? [self.path] : [self.path, path]
  }

  /// Whether nobody would write it but for a file.
  var isPath: Bool { path.contains("/") }

  /// A message with the contents of a file behind it, in a fence that is longer than any in them.
  static func attach(_ contents: String, of path: String, to message: String) -> String {
    let lines = contents.split(separator: "\n" as Character)
    let longest = lines.map { $0.drop { $0 == " " }.prefix { $0 == "`" }.count }.max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    let end = contents.hasSuffix("\n") || contents.isEmpty ? "" : "\n"
    return message + heading(path) + "\(fence)\n\(contents)\(end)\(fence)"
  }

  /// Whether a message has the contents of the file behind it already, as one that is edited has.
  static func isAttached(_ path: String, to message: String) -> Bool {
    message.contains(heading(path) + "```")
  }

  /// A message as it was typed, without the contents of the files that it names.
  static func typed(_ message: String) -> String {
    let starts = all(in: message).flatMap(\.candidates).compactMap {
      message.firstRange(of: heading($0) + "```")?.lowerBound
    }
    return starts.min().map { String(message[..<$0]) } ?? message
  }

  private static func heading(_ path: String) -> String { "\n\n\(path.onOneLine):\n" }
}

/// The names in a folder, for completion.
struct FolderNames: Sendable, Hashable {
  /// As it is typed, with its slash; empty for the one that the program runs in.
  var folder: String
  /// Folders with a slash.
  var names: [String]
}

/// A text that an editor of its own is opened for.
enum EditedText: Sendable, Hashable {
  case input
  /// A message or answer.
  case node(Int)
}

/// What a named prompt is for.
enum PromptUse: Sendable, Hashable {
  case system
  /// A message, with what the user adds.
  case message(String)
}

extension AppState {
  /// The path that is being typed at the end of the line: after `@`, or as the argument of `/read`.
  var typedPath: String? {
    guard input.prompt == nil, input.cursor == input.text.utf8.count else { return nil }
    let word = input.text.unicodeScalars.reversed().prefix { !$0.properties.isWhitespace }.count
    let last = String(String.UnicodeScalarView(input.text.unicodeScalars.suffix(word)))
    if last.first == "@", !input.text.hasPrefix("/") { return String(last.dropFirst()) }
    return input.text == "/read " + last ? last : nil
  }

  /// The folder part of a path, with its slash.
  static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// Names that complete a path.
  func paths(completing path: String) -> [Candidate] {
    let folder = Self.folder(of: path)
    guard let listed = self.folder, listed.folder == folder else { return [] }
    let start = path.dropFirst(folder.count)
    // Names with spaces would need quotes, which a path that is being typed has not.
    return listed.names.filter { name in
      name.lowercased().hasPrefix(start.lowercased()) && (start.hasPrefix(".") || !name.hasPrefix("."))
        && !name.contains { $0.isWhitespace || $0 == "\"" }
    }.map { Candidate(folder + $0) }
  }

  /// Has the folder listed that the path being typed is in.
  mutating func listFolder() -> [Effect] {
    guard let path = typedPath else {
      folder = nil
      return []
    }
    let wanted = Self.folder(of: path)
    guard folder?.folder != wanted else { return [] }
    folder = FolderNames(folder: wanted, names: [])
    return [.listFolder(wanted)]
  }
}
