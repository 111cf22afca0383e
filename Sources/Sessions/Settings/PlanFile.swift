import Foundation
import Inference
import TOMLKit

/// A plan on disk: TOML, or JSON where the file's name ends in `.json`. The keys are the plan's own, and
/// beside them `model` names the model it was made for:
///
///     model = "SmolLM2-135M-Instruct"
///
///     [drop]
///     attention = [5, 7]
///
///     [bits]
///     default = 4
public struct PlanFile: Sendable, Hashable {
  public var plan: Plan
  /// The model the plan was made for; nil where the file does not name it.
  public var model: String?

  public init(plan: Plan, model: String? = nil) {
    self.plan = plan
    self.model = model
  }

  /// Reads a plan; throws with file, line and key for mistakes in it.
  public static func load(from url: URL) throws(FileError) -> PlanFile {
    if url.pathExtension.lowercased() == "json" {
      let data: Data
      do { data = try FileDescriptor(url.path, O_RDONLY).readAll(atMost: TOMLTable.maximumBytes) } catch {
        throw FileError("\(url.path): \(error)")
      }
      return try PlanFile(json: data, path: url.path)
    }
    return try PlanFile(TOMLDocument(contentsOf: url))
  }

  init(_ document: TOMLDocument) throws(FileError) {
    if let model = document.table["model"] {
      guard let name = model.string else {
        throw document.error(at: ["model"], "“model” must be a text in quotes")
      }
      self.model = name
    }
    plan = try document.decode(Plan.self, ignoring: ["model"])
  }

  init(json: Data, path: String) throws(FileError) {
    do {
      guard var object = try JSONSerialization.jsonObject(with: json) as? [String: Any] else {
        throw FileError("\(path): a plan is a JSON object: {…}")
      }
      let model = object.removeValue(forKey: "model")
      guard model == nil || model is String else { throw FileError("\(path): “model” must be a text") }
      self.model = model as? String
      plan = try JSONDecoder().decode(Plan.self, from: JSONSerialization.data(withJSONObject: object))
    } catch let error as FileError {
      throw error
    } catch let error as DecodingError {
      throw FileError("\(path): \(error.inWellFormedJSON.inOneLine)")
    } catch {
      throw FileError("\(path): not a plan in JSON: \(error.inOneLine)")
    }
  }

  /// Writes the file; creates the folder.
  ///
  /// - Parameter replaces: Whether a file of that name may be replaced; one of the same content is left as it
  ///   is in any case.
  /// - Throws: ``FileError``, with ``FileError/isTaken`` where such a file is in the way.
  public func save(to url: URL, replaces: Bool = true) throws(FileError) {
    if !replaces, let saved = try? Self.load(from: url), saved == self { return }
    do {
      let text: String
      if url.pathExtension.lowercased() == "json" {
        text = try json()
      } else {
        text = try toml()
      }
      try writeAtomically(Data(text.utf8), to: url, replaces: replaces)
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError("\(url.path): cannot write: \(error.inOneLine)")
    }
  }

  func toml() throws -> String {
    let table: TOMLTable = try TOMLEncoder().encode(plan)
    if let model { table["model"] = model }
    return table.convert(to: .toml, options: [.allowUnicodeStrings, .allowMultilineStrings]) + "\n"
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    let data = try encoder.encode(plan)
    var object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    object["model"] = model
    let text = try JSONSerialization.data(
      withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return String(decoding: text, as: UTF8.self) + "\n"
  }

  /// Checks the plan against the model it shall be used with.
  ///
  /// - Returns: A warning if it was made for another model; its layers fit all the same.
  public func check(model: String, layers: Int) throws(PlanError) -> String? {
    try plan.validate(layers: layers, model: model)
    guard let made = self.model, made.caseInsensitiveCompare(model) != .orderedSame else { return nil }
    return "this plan was made for \(made.printable), not \(model): its drops may hurt more here"
  }
}

extension PlanFile {
  /// The saved plan called `text` in `folder`, or the file at the path `text`.
  public static func find(_ text: String, in folder: URL) throws(FileError) -> URL {
    let path = URL(filePath: text)
    if FileManager.default.fileExists(atPath: path.path) { return path }
    let names = names(in: folder)
    if names.contains(text) { return folder.appending(path: text + ".toml") }
    let near = nearest(to: text, among: names)
    throw FileError(
      "there is no plan “\(text.printable)”, neither as a file nor in \(folder.path)"
        + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"))
  }

  /// The file of the plan called `name`; names are held to what ``SessionName`` allows.
  public static func url(named name: String, in folder: URL) throws(FileError) -> URL {
    do { return folder.appending(path: try SessionName(name).description + ".toml") } catch {
      throw FileError(error.description)
    }
  }

  /// The saved plans, sorted.
  public static func names(in folder: URL) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.map { String($0.dropLast(5)) }
      .sorted()
  }
}
