import Foundation

/// The models that can be fetched by name: those built in, and those the user added.
public struct Catalogue: Sendable, Hashable {
  /// All models in the order of the files, the built-in ones first.
  public private(set) var entries: [CatalogueEntry]
  /// Name of the model to open when none is named.
  public private(set) var defaultName: String

  /// The catalogue that comes with the program.
  public static let builtIn: Catalogue = {
    let text = String(decoding: PackageResources.catalogue_toml, as: UTF8.self)
    do { return try Catalogue(TOMLDocument(text, path: "built-in catalogue")) } catch {
      preconditionFailure("\(error)")  // part of the program, and read by every test run
    }
  }()

  /// The built-in catalogue with the user's file over it, where there is one: entries of the same name are
  /// replaced, others added.
  public static func load(from url: URL) throws(FileError) -> Catalogue {
    guard FileManager.default.fileExists(atPath: url.path) else { return builtIn }
    return try builtIn.overlaid(with: TOMLDocument(contentsOf: url))
  }

  /// The entry called `name`, whatever its case.
  public subscript(name: String) -> CatalogueEntry? {
    entries.first { $0.name.caseInsensitiveCompare(name) == .orderedSame }
  }

  init(_ document: TOMLDocument) throws(FileError) {
    let file = try document.decode(File.self)
    guard let first = file.model.first else { throw document.error(at: [], "holds no [[model]]") }
    entries = file.model
    defaultName = file.default ?? first.name
  }

  func overlaid(with document: TOMLDocument) throws(FileError) -> Catalogue {
    let file = try document.decode(File.self)
    var catalogue = self
    for entry in file.model {
      catalogue.entries.removeAll { $0.name.caseInsensitiveCompare(entry.name) == .orderedSame }
      catalogue.entries.append(entry)
    }
    if let name = file.default {
      guard catalogue[name] != nil else {
        throw document.error(at: ["default"], "there is no model “\(name.printable)” to be the default")
      }
      catalogue.defaultName = name
    }
    return catalogue
  }

  private struct File: Decodable {
    var `default`: String?
    var model: [CatalogueEntry]

    private enum CodingKeys: String, CodingKey, CaseIterable { case `default`, model }

    init(from decoder: any Decoder) throws {
      try decoder.refuseKeys(except: CodingKeys.allCases.map(\.rawValue))
      let container = try decoder.container(keyedBy: CodingKeys.self)
      `default` = try container.decodeIfPresent(String.self, forKey: .default)
      model = try container.decodeIfPresent([CatalogueEntry].self, forKey: .model) ?? []
    }
  }
}
