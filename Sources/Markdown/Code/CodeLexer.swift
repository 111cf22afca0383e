/// Colours code line by line. A value: what a line leaves open, such as a comment, is all that the next one needs.
///
/// It knows words, numbers, comments and strings, and no grammar: code of answers is short, often in pieces, and has
/// mistakes.
public struct CodeLexer: Hashable, Sendable {
  /// The language, as it stands after the fence.
  public let language: String
  private var state = State.code

  private enum State: Hashable {
    case code
    /// Inside of so many comments.
    case comment(Int)
    /// Inside of a string of the syntax of that index.
    case string(Int)
    /// Between `<` and `>` of markup.
    case tag
  }

  /// The kinds of pieces.
  public enum Kind: Hashable, Sendable { case plain, keyword, string, comment, number }

  /// - Parameter language: As it stands after the fence; what is unknown stays plain.
  public init(language: String) { self.language = language }

  /// The pieces of the next line, in order and without gaps.
  public mutating func pieces(_ line: String) -> [(text: String, kind: Kind)] {
    guard let syntax = CodeSyntax.named(language) else { return line.isEmpty ? [] : [(line, .plain)] }
    var scan = Scan(line, syntax, state)
    scan.run()
    state = scan.state
    return scan.pieces.map { (scan.text($0.range), $0.kind) }
  }

  /// One line while it is read.
  private struct Scan {
    let bytes: [UInt8]
    let syntax: CodeSyntax
    var state: State
    var pieces: [(range: Range<Int>, kind: Kind)] = []
    private var place = 0

    init(_ line: String, _ syntax: CodeSyntax, _ state: State) {
      bytes = Array(line.utf8)
      self.syntax = syntax
      self.state = state
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    mutating func run() {
      while place < bytes.count {
        let start = place
        switch state {
        case .comment(let depth): comment(depth, from: start)
        case .string(let index): string(index, from: start)
        case .code, .tag: step()
        }
      }
      if case .string(let index) = state, !syntax.strings[index].isMultiline { state = base }
    }

    private var base: State { syntax.isMarkup ? .tag : .code }

    private mutating func add(_ kind: Kind, from start: Int) {
      if let last = pieces.last, last.kind == kind, last.range.upperBound == start {
        pieces[pieces.count - 1].range = last.range.lowerBound..<place
      } else if start < place {
        pieces.append((start..<place, kind))
      }
    }

    private func begins(_ sign: String, at place: Int) -> Bool {
      bytes[place...].starts(with: sign.utf8)
    }

    // MARK: Code

    private mutating func step() {
      let start = place
      let byte = bytes[place]
      if let comment = syntax.blockComment, begins(comment.open, at: place) {
        place += comment.open.utf8.count
        state = .comment(1)
        return add(.comment, from: start)
      }
      if syntax.isMarkup, state == .code {
        if byte == UInt8(ascii: "<") { state = .tag }
        place += 1
        return add(.plain, from: start)
      }
      if beginsLineComment() {
        place = bytes.count
        return add(.comment, from: start)
      }
      if let index = syntax.strings.firstIndex(where: { begins($0.open, at: place) }), isString(index) {
        place += syntax.strings[index].open.utf8.count
        state = .string(index)
        return string(index, from: start)
      }
      if byte.isDigit {
        number()
        return add(.number, from: start)
      }
      if isWord(byte) || syntax.prefixes.utf8.contains(byte) { return word() }
      if syntax.isMarkup, byte == UInt8(ascii: ">") { state = .code }
      place += 1
      add(.plain, from: start)
    }

    /// `#` only begins a comment where a word could begin: `$#` and `a#b` are other things.
    private func beginsLineComment() -> Bool {
      guard let sign = syntax.lineComments.first(where: { begins($0, at: place) }) else { return false }
      // A colon before slashes is an address.
      if sign == "//" { return place == 0 || bytes[place - 1] != UInt8(ascii: ":") }
      return sign != "#" || place == 0 || bytes[place - 1] == UInt8(ascii: " ") || bytes[place - 1] < 0x20
    }

    private mutating func word() {
      let start = place
      if syntax.prefixes.utf8.contains(bytes[place]) { place += 1 }
      let isMarked = place > start
      while place < bytes.count, isWord(bytes[place]) { place += 1 }
      var word = text(start..<place)
      if syntax.ignoresCase { word = word.lowercased() }
      let isFirst = pieces.last.map { text($0.range).last == "<" } ?? false
      let isKeyword =
        isMarked ? place > start + 1 : syntax.isMarkup ? isFirst : syntax.keywords.contains(word) || isKey()
      add(
        isKeyword ? .keyword : syntax.constants.contains(word) ? .number : .plain, from: start)
    }

    /// Whether a colon or an equals sign follows, where that makes what stands before it a key.
    private func isKey() -> Bool {
      guard syntax.hasKeys else { return false }
      let next = bytes[place...].first { $0 != UInt8(ascii: " ") }
      return next == UInt8(ascii: ":") || next == UInt8(ascii: "=")
    }

    private mutating func number() {
      while place < bytes.count {
        let isPoint = bytes[place] == UInt8(ascii: ".") && place + 1 < bytes.count && bytes[place + 1].isDigit
        guard bytes[place].isDigit || bytes[place].isLetter || isPoint else { return }
        place += 1
      }
    }

    private func isWord(_ byte: UInt8) -> Bool {
      byte.isLetter || byte.isDigit || byte >= 0x80 || syntax.wordSigns.utf8.contains(byte)
    }

    // MARK: Comments and strings

    private mutating func comment(_ depth: Int, from start: Int) {
      guard let comment = syntax.blockComment else {
        state = .code
        return
      }
      var depth = depth
      while place < bytes.count {
        if begins(comment.close, at: place) {
          place += comment.close.utf8.count
          depth -= 1
          if depth == 0 { break }
        } else if comment.nests, begins(comment.open, at: place) {
          place += comment.open.utf8.count
          depth += 1
        } else {
          place += 1
        }
      }
      state = depth == 0 ? .code : .comment(depth)
      add(.comment, from: start)
    }

    private mutating func string(_ index: Int, from start: Int) {
      let string = syntax.strings[index]
      while place < bytes.count {
        if string.hasEscapes, bytes[place] == UInt8(ascii: "\\") {
          place = min(bytes.count, place + 2)
        } else if begins(string.close, at: place) {
          place += string.close.utf8.count
          state = base
          return add(isKey() ? .keyword : .string, from: start)
        } else {
          place += 1
        }
      }
      add(.string, from: start)
    }

    /// Whether an opening sign opens a string: that of a character must close soon.
    private func isString(_ index: Int) -> Bool {
      let string = syntax.strings[index]
      guard string.isCharacter else { return true }
      let near = bytes[(place + 1)...].prefix(8)
      guard let first = near.first else { return false }
      if first == UInt8(ascii: "\\") { return near.dropFirst(2).contains(UInt8(ascii: "'")) }
      let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      return near.dropFirst(width).first == UInt8(ascii: "'")
    }
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  fileprivate var isLetter: Bool {
    (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z") || self == UInt8(ascii: "_")
  }
}
