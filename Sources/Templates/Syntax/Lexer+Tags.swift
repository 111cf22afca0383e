// Names, numbers, strings and operators inside tags.

extension Lexer {
  mutating func readTag(isBlock: Bool, from tag: Int) throws(TemplateError) {
    var brackets: [(close: UInt8, offset: Int)] = []
    while true {
      skipSpace()
      guard offset < utf8.count else {
        if let open = brackets.last {
          throw error(
            "this '\(Character(Unicode.Scalar(utf8[open.offset])))' is never closed", at: open.offset)
        }
        throw error("this tag is never closed with '\(isBlock ? "%}" : "}}")'", at: tag)
      }
      if brackets.isEmpty, readTagEnd(isBlock: isBlock) { return }
      try readToken(&brackets)
    }
  }

  private mutating func readTagEnd(isBlock: Bool) -> Bool {
    let start = offset
    let strips = utf8[offset] == UInt8(ascii: "-")
    let keeps = isBlock && utf8[offset] == UInt8(ascii: "+")
    let delimiter = offset + (strips || keeps ? 1 : 0)
    guard isBlock ? looking(at: "%}", delimiter) : looking(at: "}}", delimiter) else { return false }
    offset = delimiter + 2
    add(isBlock ? .blockEnd : .variableEnd, at: start)
    finishTag(strips: strips, trimsNewline: isBlock && !keeps)
    return true
  }

  private mutating func readToken(_ brackets: inout [(close: UInt8, offset: Int)]) throws(TemplateError) {
    let start = offset
    let byte = utf8[offset]
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
    case UInt8(ascii: "'"), UInt8(ascii: "\""): try readString()
    default:
      if source.scalar(at: offset).isIdentifierStart {
        while offset < utf8.count, source.scalar(at: offset).isIdentifierContinue {
          offset += source.scalarLength(at: offset)
        }
        add(.name(source[start..<offset].string), at: start)
      } else if let symbol = symbol() {
        try match(byte, &brackets)
        offset += symbol.rawValue.utf8.count
        add(.symbol(symbol), at: start)
      } else {
        throw error("unexpected character '\(source.scalars(at: offset))'")
      }
    }
  }

  /// Symbols by their two bytes, the second 0 for those of one.
  private static let symbols: [UInt16: Token.Symbol] = Dictionary(
    uniqueKeysWithValues: Token.Symbol.allCases.map { symbol in
      let bytes = Array(symbol.rawValue.utf8)
      return (UInt16(bytes[0]) << 8 | (bytes.count > 1 ? UInt16(bytes[1]) : 0), symbol)
    })

  private func symbol() -> Token.Symbol? {
    let first = UInt16(utf8[offset])
    let second = offset + 1 < utf8.count ? UInt16(utf8[offset + 1]) : 0
    return Self.symbols[first << 8 | second] ?? Self.symbols[first << 8]
  }

  private mutating func match(
    _ byte: UInt8, _ brackets: inout [(close: UInt8, offset: Int)]
  ) throws(TemplateError) {
    switch byte {
    case UInt8(ascii: "("): brackets.append((UInt8(ascii: ")"), offset))
    case UInt8(ascii: "["): brackets.append((UInt8(ascii: "]"), offset))
    case UInt8(ascii: "{"): brackets.append((UInt8(ascii: "}"), offset))
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      let found = Character(Unicode.Scalar(byte))
      guard let open = brackets.popLast() else { throw error("unexpected '\(found)'") }
      if open.close != byte {
        throw error("unexpected '\(found)', expected '\(Character(Unicode.Scalar(open.close)))'")
      }
    default: break
    }
  }

  private mutating func readNumber() throws(TemplateError) {
    let start = offset
    func digits(_ isDigit: (UInt8) -> Bool, from index: Int) -> Int {
      var index = index
      while index < utf8.count,
        isDigit(utf8[index])
          || (utf8[index] == UInt8(ascii: "_") && index + 1 < utf8.count && isDigit(utf8[index + 1]))
      {
        index += 1
      }
      return index
    }
    func isDecimal(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    var end = digits(isDecimal, from: start)
    // Behind a dot only an integer can follow, as in `list.0.1`.
    var isFloat = false
    if start == 0 || utf8[start - 1] != UInt8(ascii: ".") {
      if end + 1 < utf8.count, utf8[end] == UInt8(ascii: "."), isDecimal(utf8[end + 1]) {
        end = digits(isDecimal, from: end + 1)
        isFloat = true
      }
      if end < utf8.count, utf8[end] | 0x20 == UInt8(ascii: "e") {
        let sign =
          end + 1 < utf8.count && (utf8[end + 1] == UInt8(ascii: "+") || utf8[end + 1] == UInt8(ascii: "-"))
        let exponent = end + (sign ? 2 : 1)
        if exponent < utf8.count, isDecimal(utf8[exponent]) {
          end = digits(isDecimal, from: exponent)
          isFloat = true
        }
      }
    }
    func literal(_ from: Int) -> String {
      String(decoding: utf8[from..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
    }
    if isFloat {
      offset = end
      add(.float(Double(literal(start)) ?? 0), at: start)
      return
    }
    var radix = 10
    var from = start
    if utf8[start] == UInt8(ascii: "0"), start + 1 < utf8.count,
      let prefixed = [UInt8(ascii: "b"): 2, UInt8(ascii: "o"): 8, UInt8(ascii: "x"): 16][
        utf8[start + 1] | 0x20]
    {
      let prefixedEnd = digits(
        { Int(String(Character(Unicode.Scalar($0))), radix: prefixed) != nil }, from: start + 2)
      if prefixedEnd > start + 2 { (radix, from, end) = (prefixed, start + 2, prefixedEnd) }
    } else if utf8[start] == UInt8(ascii: "0") {
      // Python has no decimal integers with leading zeros.
      end = digits({ $0 == UInt8(ascii: "0") }, from: start)
    }
    guard let value = Int(literal(from), radix: radix) else {
      throw error("this integer does not fit 64 bits")
    }
    offset = end
    add(.int(value), at: start)
  }

  private mutating func readString() throws(TemplateError) {
    let start = offset
    let quote = utf8[start]
    var end = start + 1
    while end < utf8.count, utf8[end] != quote { end += utf8[end] == UInt8(ascii: "\\") ? 2 : 1 }
    guard end < utf8.count else { throw error("this string is never closed") }
    do {
      add(.string(try StringLiteral.unescape(source[start + 1..<end])), at: start)
    } catch {
      throw self.error(error.message)
    }
    offset = end + 1
  }
}

extension Text {
  fileprivate func scalars(at offset: Int) -> String {
    self[offset..<offset + scalarLength(at: offset)].string
  }
}

extension Unicode.Scalar {
  var isIdentifierStart: Bool { self == "_" || properties.isXIDStart }
  var isIdentifierContinue: Bool { properties.isXIDContinue }
}
