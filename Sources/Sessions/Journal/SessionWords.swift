import Foundation
import Glibc

/// What was said in a session, as bytes to look through: taken from the lines of its journal without decoding
/// them, so that hundreds of sessions can be read while one types.
///
/// Pieces of an answer are joined; messages and answers stand on lines of their own.
struct SessionWords: Sendable {
  /// UTF-8, ended by a NUL byte for the system's search.
  private let text: ContiguousArray<CChar>
  /// In lower case, and as long; where that has another length, `text` itself.
  private let folded: ContiguousArray<CChar>

  /// Bytes that are kept.
  var count: Int { 2 * text.count }

  /// - Parameter journal: Lines of a journal; the first and the last may be torn.
  init(_ journal: Data) {
    let bytes = (journal + [0]).withUnsafeBytes { (buffer: UnsafeRawBufferPointer) in
      var text = Text(Text.Cursor(buffer))
      text.read()
      return text.bytes
    }
    let whole = String(decoding: bytes, as: UTF8.self)
    folded = whole.lowercased().utf8CString
    text = whole.utf8.count == folded.count - 1 ? whole.utf8CString : folded
  }

  /// The offset of the first place where `word`, which is in lower case, stands.
  func offset(of word: String) -> Int? {
    folded.withUnsafeBufferPointer { buffer in
      word.withCString { strstr(buffer.baseAddress!, $0) }.map { UnsafePointer($0) - buffer.baseAddress! }
    }
  }

  /// The text around an offset, on one line: some words before it, and more after it.
  func excerpt(at offset: Int) -> String {
    var first = max(0, offset - 40), last = min(text.count - 1, offset + 160)
    // A whole word where there are spaces, and whole characters.
    while first > 0, first < offset, text[first - 1] != 32 { first += 1 }
    while last > offset, UInt8(bitPattern: text[last]) & 0xC0 == 0x80 { last -= 1 }
    let excerpt = String(decoding: text[first..<last].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return (first > 0 ? "…" : "") + excerpt.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The strings of a journal's keys `content` and `text`. This target is compiled without optimisation, so the
  /// bytes are left to the system's functions.
  private struct Text {
    private(set) var bytes = Data()
    private let cursor: Cursor

    init(_ cursor: Cursor) { self.cursor = cursor }

    // In JSON a quote inside a string has a backslash before it, so that these stand for keys alone.
    private static let message: StaticString = "\"content\":", piece: StaticString = "\"text\":"
    private static let end: StaticString = "\"kind\":\"end\""

    mutating func read() {
      var (message, piece, end) = (
        cursor.next(Self.message, from: 0), cursor.next(Self.piece, from: 0), cursor.next(Self.end, from: 0)
      )
      while true {
        if piece < message, piece < end {
          append(after: piece)
          piece = cursor.next(Self.piece, from: piece)
        } else if message < end {
          separate()
          append(after: message)
          separate()
          message = cursor.next(Self.message, from: message)
        } else if end < .max {
          separate()
          end = cursor.next(Self.end, from: end)
        } else {
          return
        }
      }
    }

    private mutating func separate() { bytes.append(10) }

    /// Adds the string that begins at `place`.
    private mutating func append(after place: Int) {
      guard let (first, end) = cursor.string(at: place) else { return }
      var start = first
      while start < end {
        let backslash = min(cursor.place(of: UInt8(ascii: "\\"), from: start), end)
        bytes.append(cursor.base + start, count: backslash - start)
        start = backslash + 2
        guard start <= end else { return }
        switch cursor.base[backslash + 1] {
        case UInt8(ascii: "u"):
          // As many as follow each other: a character may need two.
          while start + 4 < end, cursor.base[start + 4] == UInt8(ascii: "\\"),
            cursor.base[start + 5] == UInt8(ascii: "u")
          {
            start += 6
          }
          start = min(start + 4, end)
          let quoted = Data("\"".utf8) + Data(bytes: cursor.base + backslash, count: start - backslash)
          let text = (try? JSONDecoder().decode(String.self, from: quoted + Data("\"".utf8))) ?? ""
          bytes.append(contentsOf: text.replacing("\0", with: "").utf8)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
          bytes.append(cursor.base[backslash + 1])
        default: bytes.append(10)  // a line's end, a tab: spaces all of them
        }
      }
    }

    /// Bytes that end with NUL; others of them may be among them.
    struct Cursor {
      let base: UnsafePointer<UInt8>
      private let count: Int

      init(_ buffer: UnsafeRawBufferPointer) {
        base = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
        count = buffer.count
      }

      /// The place of a byte; `Int.max` where there is none.
      func place(of byte: UInt8, from start: Int) -> Int {
        memchr(base + start, Int32(byte), count - start).map { UnsafeRawPointer($0) - UnsafeRawPointer(base) }
          ?? .max
      }

      /// The place after the next occurrence of `key`; `Int.max` where there is none.
      func next(_ key: StaticString, from place: Int) -> Int {
        let text = UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self)
        let key = (UnsafeRawPointer(key.utf8Start).assumingMemoryBound(to: CChar.self), key.utf8CodeUnitCount)
        var start = place
        while start < count {
          if let found = strstr(text + start, key.0) { return UnsafePointer(found) - text + key.1 }
          start += strlen(text + start) + 1
        }
        return .max
      }

      /// The inside of the string that begins at `place`, after spaces; nil where there is none, or not its end.
      func string(at place: Int) -> (start: Int, end: Int)? {
        var start = place
        while base[start] == UInt8(ascii: " ") { start += 1 }
        guard base[start] == UInt8(ascii: "\"") else { return nil }
        start += 1
        var end = start
        while true {
          end = self.place(of: UInt8(ascii: "\""), from: end)
          guard end < .max else { return nil }
          var backslashes = 0
          while end - backslashes > start, base[end - backslashes - 1] == UInt8(ascii: "\\") {
            backslashes += 1
          }
          if backslashes % 2 == 0 { return (start, end) }
          end += 1
        }
      }
    }
  }
}
