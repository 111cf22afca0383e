/// Escape sequences of string literals, which are Python's.
enum StringLiteral {
  static func unescape(_ text: Text) throws(TemplateError) -> Text {
    let utf8 = text.utf8
    guard utf8.contains(UInt8(ascii: "\\")) else { return text }
    var result: [UInt8] = []
    var index = 0
    while index < utf8.count {
      guard utf8[index] == UInt8(ascii: "\\"), index + 1 < utf8.count else {
        result.append(utf8[index])
        index += 1
        continue
      }
      let escape = utf8[index + 1]
      index += 2
      switch escape {
      case UInt8(ascii: "\n"): break
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): result.append(escape)
      case UInt8(ascii: "a"): result.append(0x07)
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "v"): result.append(0x0B)
      case UInt8(ascii: "0")...UInt8(ascii: "7"):
        let digits = utf8[(index - 1)..<min(index + 2, utf8.count)].prefix { (0x30...0x37).contains($0) }
        index += digits.count - 1
        try append(String(decoding: digits, as: UTF8.self), radix: 8, to: &result)
      case UInt8(ascii: "x"): try appendHexadecimal(2, utf8, &index, to: &result)
      case UInt8(ascii: "u"): try appendHexadecimal(4, utf8, &index, to: &result)
      case UInt8(ascii: "U"): try appendHexadecimal(8, utf8, &index, to: &result)
      case UInt8(ascii: "N"):
        throw TemplateError("\\N{…} escapes are not supported; write the character itself")
      default: result += [UInt8(ascii: "\\"), escape]
      }
    }
    return Text(utf8: result, isContent: false)
  }

  private static func appendHexadecimal(
    _ count: Int, _ utf8: [UInt8], _ index: inout Int, to result: inout [UInt8]
  ) throws(TemplateError) {
    let digits = utf8[index..<min(index + count, utf8.count)]
    guard digits.count == count, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
      throw TemplateError("an escape in this string lacks its \(count) hexadecimal digits")
    }
    index += count
    try append(String(decoding: digits, as: UTF8.self), radix: 16, to: &result)
  }

  private static func append(_ digits: String, radix: Int, to result: inout [UInt8]) throws(TemplateError) {
    guard let code = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(code) else {
      throw TemplateError("an escape in this string is not a Unicode character")
    }
    result.append(contentsOf: String(scalar).utf8)
  }
}
