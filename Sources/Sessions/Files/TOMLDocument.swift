import Foundation
import TOMLKit

/// A TOML file that people write, with errors that name file, line and key.
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
      throw FileError("\(path):\(error.line): \(error)")
    } catch let error as TOMLParseError {
      throw FileError("\(path):\(error.source.begin.line): \(error.description.printable)")
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

  /// An error about the key at `path`, with the line that the key is on.
  func error(at path: [String], _ message: String) -> FileError {
    FileError("\(place(of: path)): \(message)")
  }

  /// `FILE:LINE`, or only the file where the key cannot be found.
  func place(of path: [String]) -> String {
    self.path + (line(of: path).map { ":\($0)" } ?? "")
  }

  /// The line on which the key at `path` is set, from 1. Array elements are named by their index.
  func line(of path: [String]) -> Int? { lines.line(of: path) }

  /// The lines of a text's keys.
  ///
  /// TOMLKit keeps no positions, so this looks for the keys in the text: headers `[a.b]` and `[[a]]`, keys
  /// bare, quoted or dotted. It serves messages only, so that nothing is looked for before there is one; the
  /// parser decides what the text means.
  private final class Lines {
    private let text: String
    private lazy var lines = Self.lines(text)

    init(_ text: String) { self.text = text }

    /// The line of the key itself, or failing that of the nearest thing it is in.
    func line(of path: [String]) -> Int? {
      (0..<path.count).lazy.compactMap { self.lines[Array(path.dropLast($0))] }.first
    }

    private static func lines(_ text: String) -> [[String]: Int] {
      var lines: [[String]: Int] = [:]
      var section: [String] = []
      var elements: [[String]: Int] = [:]
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let line = line.drop { $0 == " " || $0 == "\t" }
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
        } else {
          continue
        }
        if lines[key] == nil { lines[key] = number + 1 }
      }
      return lines
    }

    private static func keys(_ text: Substring) -> [String] {
      text.split(separator: ".").map {
        $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"'"))
      }
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
