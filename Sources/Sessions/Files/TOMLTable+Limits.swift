import Foundation
import Glibc
import TOMLKit

/// TOML text that is larger, deeper or longer in its parts than any file of this program, or that its parser takes
/// for granted not to meet.
public struct TOMLLimitError: Error, Hashable, CustomStringConvertible {
  /// The line and the column, from 1; the column counts bytes.
  public let line, column: Int
  /// What is too much, and the limit; or what is missing.
  public let description: String
}

extension TOMLTable {
  /// The longest text, in bytes: more than anyone writes by hand, so that a wrong path cannot fill memory.
  public static let maximumBytes = 4 << 20

  /// The text of a file that people write.
  public static func text(contentsOf url: URL) throws(FileError) -> String {
    let data: Data
    do { data = try FileDescriptor(url.path, O_RDONLY).readAll(atMost: maximumBytes) } catch {
      throw FileError("\(url.path): \(error)")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw FileError("\(url.path): not UTF-8 text, as TOML has to be")
    }
    return text
  }

  /// Parses a text after a look at its size, its nesting and the lengths of its parts: the parser walks nested
  /// values by recursion, and compares each table with all before it.
  ///
  /// - Throws: ``TOMLLimitError``; `TOMLParseError` when the text is not TOML.
  public convenience init(checking text: String) throws {
    var limits = TOMLLimits()
    let error = Array(text.utf8).withUnsafeBufferPointer { limits.firstExcess(in: $0) }
    if let error { throw error }
    try self.init(string: text)
  }
}

/// A walk over TOML text that counts what its parser must not be given too much of. Of malformed text it may
/// count wrongly, but only after the place where the parser stops.
private struct TOMLLimits {
  /// Arrays and inline tables inside each other.
  private static let nesting = 16
  /// Parts of a dotted key.
  private static let parts = 8
  /// Tables: headers, inline ones, and those that dotted keys make.
  private static let tables = 10_000
  /// Bytes of a key, number or date without quotes.
  private static let bareBytes = 256
  /// Bytes of a text in quotes.
  private static let stringBytes = 1 << 20

  private var line = 1
  /// Where the line begins.
  private var lineStart = 0
  private var depth = 0
  private var dots = 0
  private var tables = 0
  private var bare = 0
  /// Whether the line has a key and its value, after which a bracket begins an array, not a table.
  private var hasValue = false

  mutating func firstExcess(in text: UnsafeBufferPointer<UInt8>) -> TOMLLimitError? {
    var position = 0
    func excess(_ description: String) -> TOMLLimitError {
      TOMLLimitError(line: line, column: max(1, position - lineStart), description: description)
    }
    guard text.count <= TOMLTable.maximumBytes else {
      return excess("\(text.count) bytes, more than the \(TOMLTable.maximumBytes) that are read")
    }
    while position < text.count {
      let byte = text[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\0"): return excess("holds a NUL byte, which TOML does not allow")
      case UInt8(ascii: "#"):
        while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        let start = position
        skipString(quote: byte, in: text, &position)
        if position - start > Self.stringBytes + 1 {
          return excess("a text of more than \(Self.stringBytes) bytes")
        }
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        if byte == UInt8(ascii: "["), depth == 0, !hasValue, !Self.isHeader(text[position...]) {
          return excess("expected the name of a table after “[”")
        }
        depth += 1
        tables += 1
        (dots, bare) = (0, 0)
        if depth > Self.nesting { return excess("nested deeper than \(Self.nesting) levels") }
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth = max(0, depth - 1)
        (dots, bare) = (0, 0)
      case UInt8(ascii: "\n"):
        line += 1
        lineStart = position
        bare = 0
        if depth == 0 { (dots, hasValue) = (0, false) }
      case UInt8(ascii: "="), UInt8(ascii: ","):
        (dots, bare) = (0, 0)
        if byte == UInt8(ascii: "=") { hasValue = true }
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): bare = 0
      case UInt8(ascii: "."):
        dots += 1
        tables += 1
        if dots >= Self.parts { return excess("a key of more than \(Self.parts) parts") }
      default:
        bare += 1
        if bare > Self.bareBytes {
          return excess("a word of more than \(Self.bareBytes) bytes without quotes")
        }
      }
      if tables > Self.tables { return excess("more than \(Self.tables) tables") }
    }
    return nil
  }

  /// Whether a table's name, its closing bracket or the end of the text follows an opening bracket, or two.
  private static func isHeader(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var rest = text.drop(while: isBlank)
    if rest.first == UInt8(ascii: "[") { rest = rest.dropFirst().drop(while: isBlank) }
    guard let first = rest.first else { return true }
    let isLetterOrDigit =
      first < 0x80 && (Unicode.Scalar(first).properties.isAlphabetic || (0x30...0x39).contains(first))
    return isLetterOrDigit || "]\"'_-".utf8.contains(first)
  }

  /// Skips the rest of a text in quotes; one on a single line ends with the line in any case.
  private mutating func skipString(
    quote: UInt8, in text: UnsafeBufferPointer<UInt8>, _ position: inout Int
  ) {
    func isQuote(_ place: Int) -> Bool { place < text.count && text[place] == quote }
    let isLong = isQuote(position) && isQuote(position + 1)
    if isLong { position += 2 } else if isQuote(position) { return position += 1 }
    while position < text.count {
      let byte = text[position]
      if byte == UInt8(ascii: "\n") {
        if !isLong { return }
        line += 1
        lineStart = position + 1
      }
      position += 1
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), position < text.count,
        text[position] != UInt8(ascii: "\n")
      {
        position += 1
      } else if byte == quote {
        if !isLong { return }
        guard isQuote(position), isQuote(position + 1) else { continue }
        position += 2
        // Up to two quotes before the closing ones are part of the text.
        for _ in 0..<2 where isQuote(position) { position += 1 }
        return
      }
    }
  }
}
