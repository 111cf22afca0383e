import Foundation
import Inference
import TOMLKit

/// The user's choices, from `settings.toml` in the config folder. The program reads the file and never writes
/// it, so comments and order stay the user's; the program's own state is in ``RememberedState``.
/// ``SettingsKey`` has its keys.
public struct Settings: Sendable, Hashable {
  /// Model to open when the command line names none.
  public var model: String?
  public var theme: String?
  /// System prompt of new sessions.
  public var system: String?
  /// Compute threads; nil for one for each physical core.
  public var threads: Int?
  /// Positions of the KV cache; nil leaves it to the model.
  public var context: Int?
  /// What happens when the context is full, in sessions that do not say.
  public var contextPolicy: ContextPolicy?
  /// Gigabytes of packed weights to keep on the disk.
  public var weightCache = 8
  public static let weightCacheRange = 0...1_000_000
  public var sampling = SamplingChoices()
  /// Key by action. The interface knows the names of both and checks them.
  public var keys: [String: String] = [:]
  /// The place in the file where each of ``keys`` is set: `FILE:LINE:COLUMN`.
  public var keyPlaces: [String: String] = [:]
  /// The place of the value of each key outside of tables.
  public var places: [String: String] = [:]

  /// The defaults.
  public init() {}

  /// Reads `url`; a file that is not there holds the defaults.
  ///
  /// - Returns: The settings, and a warning for each unknown key, with its line and column.
  /// - Throws: ``FileError`` when the file is not TOML or a value is of the wrong kind or out of range.
  public static func load(from url: URL) throws(FileError) -> (settings: Settings, warnings: [String]) {
    guard FileManager.default.fileExists(atPath: url.path) else { return (Settings(), []) }
    return try read(TOMLDocument(contentsOf: url))
  }

  /// What a file sets, in TOML.
  public static func withoutComments(_ url: URL) throws(FileError) -> String {
    let table = try TOMLDocument(contentsOf: url).table
    for key in SettingsKey.tables where table[key]?.table?.isEmpty == true { table.remove(at: key) }
    return table.convert(to: .toml, options: .allowUnicodeStrings)
  }

  static func read(_ document: TOMLDocument) throws(FileError) -> (settings: Settings, warnings: [String]) {
    var settings = Settings()
    var warnings: [String] = []
    func warn(_ path: [String], known: [String]) {
      let near = nearest(to: path.last ?? "", among: known, atMost: 1).first
      warnings.append(
        "\(document.place(of: path)): unknown setting “\(path.joined(separator: ".").printable)”"
          + (near.map { ", did you mean “\($0)”?" } ?? "; known are \(known.joined(separator: ", "))"))
    }
    let known = SettingsKey.all.map(\.name) + SettingsKey.tables
    for key in document.table.keys.sorted() {
      if let own = SettingsKey.all.first(where: { $0.name == key }) {
        try own.read(document, [key], &settings)
        settings.places[key] = document.place(of: [key], isOfValue: true)
        continue
      }
      switch key {
      case "sampling":
        for option in try document.section(key).keys.sorted() {
          if option == "template" {
            try settings.readVariables(document, [key, option])
            continue
          }
          guard let known = SamplingOption.all.first(where: { $0.key == option }) else {
            warn([key, option], known: SamplingOption.all.map(\.key))
            continue
          }
          do { try settings.sampling.set(known, to: document.scalar([key, option])) } catch {
            throw document.error(at: [key, option], error.inOneLine)
          }
        }
      case "keys":
        for action in try document.section(key).keys {
          settings.keys[action] = try document.text([key, action])
          settings.keyPlaces[action] = document.place(of: [key, action])
        }
      default: warn([key], known: known)
      }
    }
    return (settings, warnings)
  }
}

extension Settings {
  /// Variables of chat templates: `template.NAME = VALUE` under `[sampling]`.
  private mutating func readVariables(_ document: TOMLDocument, _ path: [String]) throws(FileError) {
    guard let names = document.names(path) else {
      throw document.error(at: path, "“template” must be a table: template.NAME = VALUE")
    }
    for name in names {
      do {
        let option = try SamplingOption.named("\(SamplingOption.variablePrefix)\(name)")
        try sampling.set(option, to: document.scalar(path + [name]))
      } catch { throw document.error(at: path + [name], error.inOneLine) }
    }
  }

  /// Where packed weights are kept; nil for nowhere.
  ///
  /// - Parameter gigabytes: Takes the place of the setting.
  public func weightCache(in directories: Directories, gigabytes: Int? = nil) -> WeightCache? {
    let gigabytes = gigabytes ?? weightCache
    return gigabytes == 0 ? nil : WeightCache(folder: directories.weights, limit: gigabytes * 1_000_000_000)
  }
}

extension TOMLDocument {
  fileprivate func section(_ key: String) throws(FileError) -> TOMLTable {
    guard let section = table[key]?.table else {
      throw error(at: [key], "“\(key)” must be a table: [\(key)]")
    }
    return section
  }

  /// The value at a key, or at a key of a section.
  private func value(_ path: [String]) -> (any TOMLValueConvertible)? {
    path.dropLast().reduce(table) { $0?[$1]?.table }.flatMap { table in path.last.flatMap { table[$0] } }
  }

  func text(_ path: [String]) throws(FileError) -> String {
    guard let text = value(path)?.string else {
      throw error(at: path, "“\(path.joined(separator: "."))” must be a text in quotes")
    }
    return text
  }

  /// A text that is one of a few.
  func choice<Value: CaseIterable & RawRepresentable<String>>(_ path: [String]) throws(FileError) -> Value {
    let text = try text(path)
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map { "“\($0.rawValue)”" }.joined(separator: ", ")
      throw error(
        at: path, "“\(path.joined(separator: "."))” cannot be “\(text.printable)”; it takes one of \(known)")
    }
    return value
  }

  func integer(_ path: [String], in range: ClosedRange<Int>) throws(FileError) -> Int {
    guard let number = value(path)?.int, range.contains(number) else {
      throw error(
        at: path,
        "“\(path.joined(separator: "."))” must be "
          + "a whole number from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return number
  }

  /// The keys of a table; nil where there is none.
  fileprivate func names(_ path: [String]) -> [String]? {
    path.reduce(table) { $0?[$1]?.table }?.keys.sorted()
  }

  /// A number, text, true or false as the user would type it.
  fileprivate func scalar(_ path: [String]) -> String {
    let value = value(path)
    return value?.bool.map(String.init) ?? value?.int.map(String.init) ?? value?.double.map { "\($0)" }
      ?? value?.string
      ?? value.map { "\($0.type)" } ?? ""
  }
}
