/// Cuts a template's source into tokens.
///
/// White space around tags follows Jinja with `trim_blocks` and `lstrip_blocks`, as every chat template
/// expects: the first newline after a block or comment is dropped, so is the indentation before one that is
/// first on its line; `-` strips all white space on its side, `+` keeps it.
struct Lexer {
  let source: Text
  var offset = 0
  var tokens: [Token] = []
  /// Whether what was last read ended a line, so that a tag here is first on its line.
  var isLineStart = true
  var positions: PositionTracker

  /// - Throws: the first unreadable character, unclosed comment, string or bracket.
  static func tokens(of source: String) throws(TemplateError) -> [Token] {
    var lexer = Lexer(source)
    try lexer.readTemplate()
    return lexer.tokens
  }

  private init(_ source: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.utf8.count)
    // Jinja reads \r\n and \r as \n, and drops one newline at the very end.
    var previous: UInt8 = 0
    for byte in source.utf8 {
      if byte == UInt8(ascii: "\r") {
        bytes.append(UInt8(ascii: "\n"))
      } else if byte != UInt8(ascii: "\n") || previous != UInt8(ascii: "\r") {
        bytes.append(byte)
      }
      previous = byte
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    self.source = Text(utf8: bytes, isContent: false)
    positions = PositionTracker()
  }

  var utf8: [UInt8] { source.utf8 }

  func looking(at string: StaticString, _ at: Int? = nil) -> Bool {
    let start = at ?? offset
    guard start + string.utf8CodeUnitCount <= utf8.count else { return false }
    for index in 0..<string.utf8CodeUnitCount where utf8[start + index] != string.utf8Start[index] {
      return false
    }
    return true
  }

  mutating func position(at offset: Int) -> TemplateError.Position {
    positions.position(at: offset, in: utf8)
  }

  mutating func error(_ message: String, at offset: Int? = nil) -> TemplateError {
    TemplateError(message, at: position(at: offset ?? self.offset))
  }

  mutating func add(_ kind: Token.Kind, at offset: Int) {
    tokens.append(Token(kind: kind, position: position(at: offset)))
  }

  // MARK: Text and tags

  private mutating func readTemplate() throws(TemplateError) {
    while offset < utf8.count {
      let start = offset
      guard let tag = nextTag(from: start) else {
        add(.data(source[start..<utf8.count]), at: start)
        offset = utf8.count
        break
      }
      let control = tag + 2 < utf8.count ? utf8[tag + 2] : 0
      let isVariable = utf8[tag + 1] == UInt8(ascii: "{")
      addData(start..<tag, control: control, isVariable: isVariable)
      offset = tag + 2 + (control == UInt8(ascii: "-") || control == UInt8(ascii: "+") ? 1 : 0)
      switch utf8[tag + 1] {
      case UInt8(ascii: "#"): try readComment(from: tag)
      case UInt8(ascii: "{"):
        add(.variableStart, at: tag)
        try readTag(isBlock: false, from: tag)
      default:
        if try !readRaw(from: tag) {
          add(.blockStart, at: tag)
          try readTag(isBlock: true, from: tag)
        }
      }
    }
    add(.end, at: utf8.count)
  }

  private func nextTag(from start: Int) -> Int? {
    var index = start
    while index + 1 < utf8.count {
      if utf8[index] == UInt8(ascii: "{") {
        switch utf8[index + 1] {
        case UInt8(ascii: "{"), UInt8(ascii: "%"), UInt8(ascii: "#"): return index
        default: break
        }
      }
      index += 1
    }
    return nil
  }

  /// Adds the text before a tag, stripped as the tag's control character says.
  private mutating func addData(_ range: Range<Int>, control: UInt8, isVariable: Bool) {
    var text = source[range]
    if control == UInt8(ascii: "-") {
      text = text.strippingEnd { $0.isPythonSpace }
    } else if control != UInt8(ascii: "+"), !isVariable {
      let lineStart = text.utf8.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      let indentation = text[lineStart..<text.count]
      if lineStart > 0 || isLineStart, indentation.allScalars({ $0.isPythonSpace }) {
        text = text[0..<lineStart]
      }
    }
    if !text.isEmpty { add(.data(text), at: range.lowerBound) }
  }

  /// Takes white space or a newline after a closing delimiter that ended at `offset`.
  mutating func finishTag(strips: Bool, trimsNewline: Bool) {
    if strips {
      skipSpace()
    } else if trimsNewline, offset < utf8.count, utf8[offset] == UInt8(ascii: "\n") {
      offset += 1
    }
    isLineStart = utf8[offset - 1] == UInt8(ascii: "\n")
  }

  mutating func skipSpace() {
    while offset < utf8.count, source.scalar(at: offset).isPythonSpace {
      offset += source.scalarLength(at: offset)
    }
  }

  private mutating func readComment(from tag: Int) throws(TemplateError) {
    // The control characters belong to the delimiter only when they precede the first `#}`.
    guard let end = source.firstOffset(of: "#}", from: offset) else {
      throw error("this comment is never closed with '#}'", at: tag)
    }
    let control = end > offset ? utf8[end - 1] : 0
    offset = end + 2
    finishTag(strips: control == UInt8(ascii: "-"), trimsNewline: control != UInt8(ascii: "+"))
  }

  /// Reads `{% raw %}…{% endraw %}` if it starts at `tag`; `offset` is behind the opening delimiter.
  private mutating func readRaw(from tag: Int) throws(TemplateError) -> Bool {
    let restart = offset
    skipSpace()
    guard looking(at: "raw") else {
      offset = restart
      return false
    }
    offset += 3
    skipSpace()
    guard looking(at: "%}") || looking(at: "-%}") else {
      offset = restart
      return false
    }
    let strips = utf8[offset] == UInt8(ascii: "-")
    offset += strips ? 3 : 2
    finishTag(strips: strips, trimsNewline: false)
    let start = offset
    var search = start
    while let end = source.firstOffset(of: "{%", from: search) {
      let control = end + 2 < utf8.count ? utf8[end + 2] : 0
      offset = end + 2 + (control == UInt8(ascii: "-") || control == UInt8(ascii: "+") ? 1 : 0)
      skipSpace()
      if looking(at: "endraw") {
        offset += 6
        skipSpace()
        let close = offset < utf8.count ? utf8[offset] : 0
        let hasControl = close == UInt8(ascii: "-") || close == UInt8(ascii: "+")
        if looking(at: "%}", offset + (hasControl ? 1 : 0)) {
          addData(start..<end, control: control, isVariable: false)
          offset += hasControl ? 3 : 2
          finishTag(strips: close == UInt8(ascii: "-"), trimsNewline: close != UInt8(ascii: "+"))
          return true
        }
      }
      search = end + 2
    }
    throw error("this raw block is never closed with '{% endraw %}'", at: tag)
  }
}

/// Lines and columns for offsets that are asked for in rising order.
struct PositionTracker {
  private var offset = 0
  private var line = 1
  private var column = 1

  mutating func position(at target: Int, in utf8: [UInt8]) -> TemplateError.Position {
    if target < offset { self = PositionTracker() }
    while offset < target {
      if utf8[offset] == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if utf8[offset] & 0xC0 != 0x80 {
        column += 1
      }
      offset += 1
    }
    return TemplateError.Position(line: line, column: column)
  }
}
