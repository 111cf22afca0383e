import Foundation
import GGUF

/// The models folder, together with the catalogue of models that can be fetched into it.
public struct ModelStore: Sendable, Hashable {
  public let folder: URL
  public let catalogue: Catalogue

  public init(folder: URL, catalogue: Catalogue = .builtIn) {
    self.folder = folder
    self.catalogue = catalogue
  }

  /// A model that is known or present.
  public struct Model: Sendable, Hashable {
    /// The catalogue's name, or the file's name without `.gguf` and the numbers of a split model.
    public let name: String
    /// The first part of a split model.
    public let url: URL
    /// Bytes on disk if present, all parts together, else those of the catalogue.
    public let bytes: Int?
    public let isPresent: Bool
    /// The entry of the catalogue; nil for files that it does not know.
    public let entry: CatalogueEntry?
  }

  /// The catalogue's models in its order, then the other GGUF files of the folder by name.
  public func models() -> [Model] {
    let known = catalogue.entries.map { entry in
      let url = url(of: entry)
      let bytes = Self.fileSize(url)
      return Model(
        name: entry.name, url: url, bytes: bytes ?? entry.bytes, isPresent: bytes != nil, entry: entry)
    }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let others = files.sorted().compactMap { file -> Model? in
      let url = folder.appending(path: file)
      let split = SplitName(file)
      guard Self.isModelFile(file), !known.contains(where: { $0.url.lastPathComponent == file }),
        let bytes = Self.fileSize(url), split?.number ?? 1 == 1
      else { return nil }
      let others =
        split.map { name in (1..<name.count).map { folder.appending(path: name.part($0 + 1)) } } ?? []
      return Model(
        name: split?.stem ?? String(file.dropLast(5)), url: url,
        bytes: others.reduce(bytes) { $0 + (Self.fileSize($1) ?? 0) }, isPresent: true, entry: nil)
    }
    return known + others
  }

  /// The file of a model of the catalogue, which need not exist.
  public func url(of entry: CatalogueEntry) -> URL {
    folder.appending(path: entry.file, directoryHint: .notDirectory)
  }

  /// Finds the file that `-m` means: a path, a catalogue name, a file of the models folder with or without
  /// `.gguf`, any part of a split one, or the beginning of one of these that fits only one. Case matters only
  /// in paths.
  public func resolve(_ text: String) throws(ModelLookupError) -> URL {
    // The shell expands ~ on the command line; in settings and at the prompt nobody else does.
    let path = URL(filePath: (text as NSString).expandingTildeInPath, directoryHint: .notDirectory)
    if !text.isEmpty, Self.fileSize(path) != nil { return path }
    guard !text.contains("/") else { throw .noFile(text) }
    let models = models()
    let wanted = (SplitName(text)?.part(1) ?? text).lowercased()
    func names(_ model: Model) -> [String] {
      let file = model.url.lastPathComponent.lowercased()
      return [model.name.lowercased(), file, String(file.dropLast(5))]
    }
    var found = models.filter { names($0).contains(wanted) }
    if found.isEmpty && !wanted.isEmpty {
      found = models.filter { names($0).contains { $0.hasPrefix(wanted) } }
      let present = found.filter(\.isPresent)
      if present.count == 1 { found = present }
    }
    guard let model = found.first else {
      throw .unknown(text, near: nearest(to: text, among: models.map(\.name)))
    }
    guard found.count == 1 else { throw .ambiguous(text, found.map(\.name)) }
    guard model.isPresent else { throw .notDownloaded(model.name) }
    return model.url
  }

  /// The file of a model that a session was with: where it was then, or else the one of its name; nil where there is
  /// neither.
  public func find(_ reference: ModelReference) -> URL? {
    if let path = reference.path, let url = try? resolve(path) { return url }
    return try? resolve(reference.name)
  }

  /// The model that `pare pull` shall fetch: a catalogue name, an `https` address, or
  /// `hf:OWNER/REPO/FILE.gguf`.
  public func entry(toPull text: String) throws(DownloadError) -> CatalogueEntry {
    if let entry = catalogue[text] { return entry }
    let url: URL
    if text.hasPrefix("hf:") {
      url = try WebAddress.huggingFace(text.dropFirst(3))
    } else if text.contains("://") {
      url = try WebAddress.parse(text)
    } else {
      let wanted = text.lowercased()
      let found = catalogue.entries.filter { !wanted.isEmpty && $0.name.lowercased().hasPrefix(wanted) }
      if let entry = found.first, found.count == 1 { return entry }
      let near = nearest(to: text, among: catalogue.entries.map(\.name))
      throw DownloadError(
        "there is no model “\(text.printable)” in the catalogue"
          + (near.isEmpty ? "" : " (did you mean \(near.joined(separator: " or "))?)")
          + ": known are \(catalogue.entries.map(\.name).joined(separator: ", ")); an https address or"
          + " hf:OWNER/REPO/FILE.gguf does too")
    }
    let file = url.lastPathComponent
    do { try Self.checkFileName(file) } catch {
      throw DownloadError("\(text.printable): \(error)")
    }
    return CatalogueEntry(name: String(file.dropLast(5)), file: file, source: .url(url))
  }

  /// Throws unless `name` can stand for a model in the folder: one component, visible, `.gguf`.
  static func checkFileName(_ name: String) throws(DownloadError) {
    guard isModelFile(name), !name.hasPrefix("."), !name.contains("/"), name.utf8.count <= 200,
      name.allSatisfy({ $0 != "\u{FFFD}" }), name == name.printable
    else { throw DownloadError("the file's name must end in .gguf and hold no path") }
  }

  private static func isModelFile(_ name: String) -> Bool {
    name.count > 5 && name.lowercased().hasSuffix(".gguf")
  }

  /// Length of the regular file at `url`, through links; nil if there is none.
  private static func fileSize(_ url: URL) -> Int? {
    let values = try? url.resolvingSymlinksInPath().resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
    return values?.isRegularFile == true ? values?.fileSize : nil
  }
}

/// A model that cannot be found; one line that says what to do.
public enum ModelLookupError: Error, Hashable, CustomStringConvertible {
  case noFile(String)
  case unknown(String, near: [String])
  case ambiguous(String, [String])
  /// In the catalogue, but not on this machine.
  case notDownloaded(String)

  public var description: String {
    switch self {
    case .noFile(let path): "\(path.printable): there is no such file"
    case .unknown(let text, let near):
      "there is no model “\(text.printable)”"
        + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?")
        + " `pare models` shows all; any path of a GGUF file does too"
    case .ambiguous(let text, let names):
      "“\(text.printable)” fits several models: \(names.joined(separator: ", "))"
    case .notDownloaded(let name): "\(name) is not on this machine: run `pare pull \(name)` first"
    }
  }
}
