#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Numbers as text and text as numbers, the way Python does it.
enum Numbers {
  /// Python's `repr` of a float: the shortest digits that read back the same, with an exponent from 1e16 up
  /// and below 1e-4.
  static func represent(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let sign = value.sign == .minus ? "-" : ""
    let (digits, exponent) = decimal(value.magnitude)
    if exponent < -4 || exponent >= 16 {
      let fraction = digits.count > 1 ? "." + String(decoding: digits[1...], as: UTF8.self) : ""
      let magnitude = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
      return
        "\(sign)\(Character(Unicode.Scalar(digits[0])))\(fraction)e\(exponent < 0 ? "-" : "+")\(magnitude)"
    }
    if exponent < 0 {
      return sign + "0." + String(repeating: "0", count: -exponent - 1)
        + String(decoding: digits, as: UTF8.self)
    }
    let whole = digits.prefix(exponent + 1)
    let fraction = digits.dropFirst(exponent + 1)
    let zeros = String(repeating: "0", count: exponent + 1 - whole.count)
    let tail = fraction.isEmpty ? "0" : String(decoding: fraction, as: UTF8.self)
    return sign + String(decoding: whole, as: UTF8.self) + zeros + "." + tail
  }

  /// Shortest decimal digits, without zeros at the ends, and the exponent of the first of them.
  private static func decimal(_ value: Double) -> (digits: [UInt8], exponent: Int) {
    // Swift's description has the shortest digits too; only its layout differs from Python's.
    let parts = value.description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = Array(mantissa[0].utf8)
    var digits = whole + (mantissa.count > 1 ? Array(mantissa[1].utf8) : [])
    var exponent = whole.count - 1 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    while digits.count > 1, digits.first == UInt8(ascii: "0") {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return digits == [UInt8(ascii: "0")] ? (digits, 0) : (digits, exponent)
  }

  static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// A float in one of C's conversions `e`, `f`, `g` and their capitals.
  static func format(_ value: Double, conversion: Unicode.Scalar, precision: Int, alternate: Bool = false)
    -> String
  {
    let format = "%\(alternate ? "#" : "").*\(conversion)"
    var buffer = [CChar](repeating: 0, count: precision + 400)
    let count = withVaList([CInt(precision), value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Rounds half to even at `digits` decimals, as exactly as the float's binary value allows.
  static func round(_ value: Double, digits: Int) -> Double {
    guard value.isFinite, digits < 320 else { return value }
    if digits >= 0 { return Double(format(value, conversion: "f", precision: digits)) ?? value }
    let scale = pow(10, Double(-digits))
    return scale.isFinite ? (value / scale).rounded(.toNearestOrEven) * scale : 0
  }

  /// Python's `int(text, radix)`, within 64 bits; nil where Python refuses.
  static func int(_ text: Text, radix: Int = 10) -> Int? {
    var digits = stripped(text)
    var sign = ""
    if digits.first == UInt8(ascii: "-") || digits.first == UInt8(ascii: "+") {
      sign = String(Unicode.Scalar(digits.removeFirst()))
    }
    let prefixes = [2: UInt8(ascii: "b"), 8: UInt8(ascii: "o"), 16: UInt8(ascii: "x")]
    if let prefix = prefixes[radix], digits.count > 2, digits[0] == UInt8(ascii: "0"),
      digits[1] | 0x20 == prefix
    {
      digits.removeFirst(2)
    }
    guard let plain = withoutUnderscores(digits),
      digits.first.map({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) == true
    else { return nil }
    return Int(sign + plain, radix: radix)
  }

  /// Python's `float(text)`; nil where Python refuses.
  static func float(_ text: Text) -> Double? {
    let digits = stripped(text)
    guard let plain = withoutUnderscores(digits) else { return nil }
    switch plain.lowercased() {
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    case "nan", "+nan", "-nan": return .nan
    default:
      // Swift also reads hexadecimal floats, which Python does not.
      guard digits.allSatisfy({ "0123456789.eE+-_".utf8.contains($0) }) else { return nil }
      return Double(plain)
    }
  }

  private static func stripped(_ text: Text) -> [UInt8] {
    // Decimal digits of all scripts count.
    text.stripped(of: nil).mapScalars { scalar in
      guard !scalar.isASCII, scalar.properties.numericType == .decimal,
        let value = scalar.properties.numericValue
      else { return String(scalar) }
      return String(Int(value))
    }.utf8
  }

  /// Underscores are allowed between digits only.
  private static func withoutUnderscores(_ digits: [UInt8]) -> String? {
    for (index, byte) in digits.enumerated() where byte == UInt8(ascii: "_") {
      let neighbours = [index - 1, index + 1].filter(digits.indices.contains).map { digits[$0] }
      guard neighbours.count == 2, neighbours.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
        return nil
      }
    }
    return String(decoding: digits.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
  }
}
