import OrderedCollections

extension Value {
  /// Decodes JSON text (RFC 8259), keeping the order of keys and the difference between `1` and `1.0`.
  ///
  /// Strings are markup; `markedAsContent` marks them. Of a repeated key the last value counts, as in Python.
  /// - Throws: a `TemplateError` whose position is the place in the JSON text.
  public init(json: String) throws(TemplateError) {
    var parser = JSONParser(utf8: Array(json.utf8))
    self = try parser.parse()
  }
}

/// Not Foundation's parser, because that loses the order of keys.
private struct JSONParser {
  let utf8: [UInt8]
  var offset = 0
  var depth = 0

  /// Deeper JSON is refused, so that no later walk over the value can exhaust the stack.
  static let maximumDepth = 64

  init(utf8: [UInt8]) { self.utf8 = utf8 }

  mutating func parse() throws(TemplateError) -> Value {
    let value = try parseValue()
    skipSpace()
    if offset < utf8.count { throw unexpected() }
    return value
  }

  private var current: UInt8? { offset < utf8.count ? utf8[offset] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
  }

  private func error(_ message: String) -> TemplateError {
    let before = utf8[..<min(offset, utf8.count)]
    let line = before.count { $0 == 0x0A } + 1
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
    return TemplateError("\(message) at line \(line), column \(column) of the JSON values")
  }

  private func unexpected() -> TemplateError {
    guard offset < utf8.count else { return error("unexpected end") }
    let end = utf8[(offset + 1)...].firstIndex { $0 & 0xC0 != 0x80 } ?? utf8.count
    return error("unexpected '\(String(decoding: utf8[offset..<end], as: UTF8.self))'")
  }

  private mutating func parseValue() throws(TemplateError) -> Value {
    skipSpace()
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth) levels") }
    switch current {
    case UInt8(ascii: "{"): return .dict(try parseObject())
    case UInt8(ascii: "["): return .list(try parseArray())
    case UInt8(ascii: "\""): return .string(Text(utf8: try parseString(), isContent: false))
    case UInt8(ascii: "-"): return try parseNumber()
    case let byte? where (0x30...0x39).contains(byte): return try parseNumber()
    default: break
    }
    for (word, value) in [("true", Value.bool(true)), ("false", .bool(false)), ("null", .null)]
    where utf8[offset...].starts(with: word.utf8) {
      offset += word.utf8.count
      return value
    }
    throw unexpected()
  }

  private mutating func parseObject() throws(TemplateError) -> OrderedDictionary<Text, Value> {
    var entries: OrderedDictionary<Text, Value> = [:]
    offset += 1
    skipSpace()
    if current == UInt8(ascii: "}") {
      offset += 1
      return entries
    }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw unexpected() }
      let key = Text(utf8: try parseString(), isContent: false)
      skipSpace()
      guard current == UInt8(ascii: ":") else { throw unexpected() }
      offset += 1
      entries[key] = try parseValue()
      guard try continues(until: UInt8(ascii: "}")) else { return entries }
    }
  }

  private mutating func parseArray() throws(TemplateError) -> [Value] {
    var elements: [Value] = []
    offset += 1
    skipSpace()
    if current == UInt8(ascii: "]") {
      offset += 1
      return elements
    }
    repeat { elements.append(try parseValue()) } while try continues(until: UInt8(ascii: "]"))
    return elements
  }

  /// Reads the comma or the closing bracket after an element; true for the comma.
  private mutating func continues(until close: UInt8) throws(TemplateError) -> Bool {
    skipSpace()
    guard let byte = current, byte == close || byte == UInt8(ascii: ",") else { throw unexpected() }
    offset += 1
    return byte != close
  }

  private mutating func parseNumber() throws(TemplateError) -> Value {
    let start = offset
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
    if current == UInt8(ascii: "-") { offset += 1 }
    guard isDigit(current) else { throw unexpected() }
    if current == UInt8(ascii: "0") { offset += 1 } else { while isDigit(current) { offset += 1 } }
    var isInteger = true
    if current == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      guard isDigit(current) else { throw unexpected() }
      while isDigit(current) { offset += 1 }
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isInteger = false
      offset += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
      guard isDigit(current) else { throw unexpected() }
      while isDigit(current) { offset += 1 }
    }
    let digits = String(decoding: utf8[start..<offset], as: UTF8.self)
    if isInteger {
      guard let value = Int(digits) else { throw error("integer \(digits) does not fit 64 bits") }
      return .int(value)
    }
    guard let value = Double(digits) else { throw error("number \(digits) cannot be read") }
    return .float(value)
  }

  private mutating func parseString() throws(TemplateError) -> [UInt8] {
    offset += 1
    var result: [UInt8] = []
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return result
      case UInt8(ascii: "\\"):
        offset += 1
        try parseEscape(into: &result)
      case 0..<0x20: throw error("unescaped control character in a string")
      default:
        result.append(byte)
        offset += 1
      }
    }
    throw error("unterminated string")
  }

  private mutating func parseEscape(into result: inout [UInt8]) throws(TemplateError) {
    guard let byte = current else { throw error("unterminated string") }
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
      UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]
    if let value = plain[byte] {
      result.append(value)
      offset += 1
    } else if byte == UInt8(ascii: "u") {
      offset += 1
      var code = try parseHexadecimal()
      if (0xD800..<0xDC00).contains(code), utf8[offset...].starts(with: "\\u".utf8) {
        let restart = offset
        offset += 2
        let low = try parseHexadecimal()
        if (0xDC00..<0xE000).contains(low) {
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        } else {
          offset = restart
        }
      }
      // A lone surrogate is no character; it becomes the replacement character.
      let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
      result.append(contentsOf: String(Character(scalar)).utf8)
    } else {
      throw error("unknown escape '\\\(String(decoding: [byte], as: UTF8.self))'")
    }
  }

  private mutating func parseHexadecimal() throws(TemplateError) -> UInt32 {
    guard offset + 4 <= utf8.count,
      utf8[offset..<offset + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: utf8[offset..<offset + 4], as: UTF8.self), radix: 16)
    else { throw error("\\u needs four hexadecimal digits") }
    offset += 4
    return value
  }
}
