import Foundation
import TOMLKit

/// A TOML file that people write, with errors that name file, line, column and key.
struct TOMLDocument {
  /// The file's path, for messages.
  let path: String
  let table: TOMLTable
  private let lines: Lines

  init(contentsOf url: URL) throws(FileError) {
    try self.init(TOMLTable.text(contentsOf: url), path: url.path)
  }

  init(_ text: String, path: String) throws(FileError) {
    self.path = path
    lines = Lines(text)
    do {
      table = try TOMLTable(checking: text)
    } catch let error as TOMLLimitError {
      throw FileError("\(path):\(error.line):\(error.column): \(error)")
    } catch let error as TOMLParseError {
      let place = error.source.begin
      throw FileError("\(path):\(place.line):\(place.column): \(error.description.printable)")
    } catch {
      throw FileError("\(path): \(error)")
    }
  }

  /// Decodes the whole document, or all but the top-level keys in `ignored`.
  ///
  /// Goes through JSON because TOMLKit's own decoder reports a value of the wrong kind as missing.
  func decode<Value: Decodable>(_ type: Value.Type, ignoring ignored: Set<String> = []) throws(FileError)
    -> Value
  {
    for key in ignored { table.remove(at: key) }
    let json = table.convert(to: .json, options: [.quoteDateAndTimes, .quoteInfinitesAndNaNs])
    do {
      return try JSONDecoder().decode(type, from: Data(json.utf8))
    } catch let error as DecodingError {
      throw self.error(at: error.path, error.inWellFormedJSON.inOneLine)
    } catch {
      // Errors of the decoded types begin with the key they are about, or quote it: `bits.layers: …`.
      let message = error.inOneLine
      let key = message.prefix { $0 != ":" && $0 != " " }
      let quoted = message.split(separator: "“", maxSplits: 1).last?.split(separator: "”").first
      let path = message.hasPrefix(key + ":") ? key : quoted ?? ""
      throw self.error(at: path.split(separator: ".").map(String.init), message)
    }
  }

  /// An error about the value of the key at `path`.
  func error(at path: [String], _ message: String) -> FileError {
    FileError("\(place(of: path, isOfValue: true)): \(message)")
  }

  /// `FILE:LINE:COLUMN`, or only the file where the key cannot be found.
  ///
  /// - Parameter isOfValue: Whether the column is that of the key's value, not of the key.
  func place(of path: [String], isOfValue: Bool = false) -> String {
    guard let place = lines.place(of: path) else { return self.path }
    return "\(self.path):\(place.line):\(isOfValue ? place.value : place.key)"
  }

  /// The places of a text's keys.
  ///
  /// TOMLKit keeps no positions, so this looks for the keys in the text: headers `[a.b]` and `[[a]]`, keys
  /// bare, quoted or dotted. It serves messages only, so that nothing is looked for before there is one; the
  /// parser decides what the text means.
  private final class Lines {
    /// A line, and the columns of a key and its value in it; from 1, in characters.
    struct Place {
      var line, key, value: Int
    }

    private let text: String
    private lazy var places = Self.places(text)

    init(_ text: String) { self.text = text }

    /// The place of the key itself, or failing that of the nearest thing it is in. Array elements are named by
    /// their index.
    func place(of path: [String]) -> Place? {
      (0..<path.count).lazy.compactMap { self.places[Array(path.dropLast($0))] }.first
    }

    private static func places(_ text: String) -> [[String]: Place] {
      var places: [[String]: Place] = [:]
      var section: [String] = []
      var elements: [[String]: Int] = [:]
      for (number, whole) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let line = whole.drop { $0 == " " || $0 == "\t" }
        let start = whole.count - line.count + 1
        var place = Place(line: number + 1, key: start, value: start)
        var key: [String]
        if line.hasPrefix("[[") {
          let name = keys(line.dropFirst(2).prefix { $0 != "]" })
          let index = elements[name, default: 0]
          elements[name] = index + 1
          section = name + [String(index)]
          key = section
        } else if line.hasPrefix("[") {
          let name = keys(line.dropFirst().prefix { $0 != "]" })
          // `[model.source]` below the second `[[model]]` is in element 1.
          section = name.indices.flatMap { place -> [String] in
            [name[place]] + (elements[Array(name[...place])].map { [String($0 - 1)] } ?? [])
          }
          key = section
        } else if let equals = line.firstIndex(of: "=") {
          key = section + keys(line[..<equals])
          let value = line[equals...].dropFirst().drop { $0 == " " || $0 == "\t" }
          place.value = whole.count - value.count + 1
        } else {
          continue
        }
        if places[key] == nil { places[key] = place }
      }
      return places
    }

    /// The parts of a key; a dot in quotes is a part of its name.
    private static func keys(_ text: Substring) -> [String] {
      var parts = [""]
      var quote: Character?
      for character in text {
        if quote == nil, character == "." {
          parts.append("")
        } else if character == quote {
          quote = nil
        } else if quote == nil, "\"'".contains(character) {
          quote = character
        } else {
          parts[parts.count - 1].append(character)
        }
      }
      return parts.map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }
}

extension DecodingError {
  fileprivate var path: [String] {
    switch self {
    case .keyNotFound(_, let context), .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    @unknown default: []
    }
  }
}
