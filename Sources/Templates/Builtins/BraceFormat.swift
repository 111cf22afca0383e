/// `"{} {name!r:>10}".format(…)`: Python's newer formatting.
enum BraceFormat {
  static func format(
    _ format: Text, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Text {
    var formatter = Formatter(arguments: arguments, interpreter: interpreter)
    return try formatter.expand(format, depth: 0)
  }

  private struct Formatter {
    let arguments: Arguments
    let interpreter: Interpreter
    /// The next argument of `{}`; nil once fields with numbers were used.
    private var automatic: Int? = 0

    init(arguments: Arguments, interpreter: Interpreter) {
      self.arguments = arguments
      self.interpreter = interpreter
    }

    mutating func expand(_ format: Text, depth: Int) throws(TemplateError) -> Text {
      // A format inside a format inside a field is more than Python allows.
      if depth > 1 { throw TemplateError("format(): fields nested too deep") }
      try interpreter.convert(bytes: format.count)
      var result = Text()
      var offset = 0
      while offset < format.count {
        let byte = format.utf8[offset]
        let isDoubled = offset + 1 < format.count && format.utf8[offset + 1] == byte
        switch byte {
        case UInt8(ascii: "{") where isDoubled, UInt8(ascii: "}") where isDoubled:
          result.append(format, range: offset..<offset + 1)
          offset += 2
        case UInt8(ascii: "{"):
          let end = try fieldEnd(format, offset)
          result.append(try field(format[offset + 1..<end], depth))
          offset = end + 1
        case UInt8(ascii: "}"): throw TemplateError("format(): single '}'")
        default:
          result.append(format, range: offset..<offset + 1)
          offset += 1
        }
      }
      return result
    }

    private func fieldEnd(_ format: Text, _ start: Int) throws(TemplateError) -> Int {
      var depth = 0
      for offset in start..<format.count {
        if format.utf8[offset] == UInt8(ascii: "{") { depth += 1 }
        if format.utf8[offset] == UInt8(ascii: "}") { depth -= 1 }
        if depth == 0 { return offset }
      }
      throw TemplateError("format(): '{' without '}'")
    }

    private mutating func field(_ field: Text, _ depth: Int) throws(TemplateError) -> Text {
      // name [ "!" conversion ] [ ":" specification ]
      let nameEnd =
        field.utf8.firstIndex { $0 == UInt8(ascii: "!") || $0 == UInt8(ascii: ":") } ?? field.count
      var value = try value(named: field[0..<nameEnd])
      var offset = nameEnd
      if offset < field.count, field.utf8[offset] == UInt8(ascii: "!") {
        offset = field.firstOffset(of: ":", from: offset) ?? field.count
        switch field[nameEnd + 1..<offset].string {
        case "s": value = .string(try interpreter.string(value))
        case "r", "a": value = .string(try interpreter.represent(value))
        default:
          throw TemplateError("format(): there is no conversion '!\(field[nameEnd + 1..<offset].string)'")
        }
      }
      let specification =
        offset < field.count ? try expand(field[offset + 1..<field.count], depth: depth + 1) : Text()
      return try FormatSpecification(specification).text(for: value, interpreter)
    }

    /// The argument that `name` or `0.name[key]` speaks of.
    private mutating func value(named name: Text) throws(TemplateError) -> Object {
      let firstEnd = name.utf8.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") } ?? name.count
      var value = try argument(name[0..<firstEnd].string)
      var offset = firstEnd
      while offset < name.count {
        let isAttribute = name.utf8[offset] == UInt8(ascii: ".")
        let start = offset + 1
        if isAttribute {
          let end =
            name.utf8[start...].firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") }
            ?? name.count
          value = try interpreter.attribute(name[start..<end].string, of: value)
          offset = end
        } else {
          guard name.utf8[offset] == UInt8(ascii: "["), let end = name.firstOffset(of: "]", from: start)
          else {
            throw TemplateError("format(): '[' without ']'")
          }
          let key = name[start..<end]
          value = try interpreter.item(Int(key.string).map { .int($0) } ?? .string(key), of: value)
          offset = end + 1
        }
      }
      return value
    }

    private mutating func argument(_ name: String) throws(TemplateError) -> Object {
      var index = Int(name)
      if name.isEmpty {
        guard let next = automatic else { throw TemplateError("format(): '{}' after a field with a number") }
        index = next
        automatic = next + 1
      } else if index != nil {
        if let automatic, automatic > 0 { throw TemplateError("format(): a field with a number after '{}'") }
        automatic = nil
      }
      if let index {
        guard arguments.positional.indices.contains(index) else {
          throw TemplateError("format(): there is no argument \(index)")
        }
        return arguments.positional[index]
      }
      guard let value = arguments.named.last(where: { $0.name == name })?.value else {
        throw TemplateError("format(): there is no argument '\(name)'")
      }
      return value
    }
  }
}

/// The part of a format field after the colon:
/// `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
private struct FormatSpecification {
  var fill: Text = " "
  var alignment: Unicode.Scalar?
  var sign: Unicode.Scalar = "-"
  var isAlternate = false
  var width = 0
  var grouping: Unicode.Scalar?
  var precision: Int?
  var type: Unicode.Scalar?
  /// Any specification at all makes a boolean a number.
  let isGiven: Bool

  init(_ text: Text) throws(TemplateError) {
    isGiven = !text.isEmpty
    let scalars = text.scalars
    var index = 0
    func scalar(_ index: Int) -> Unicode.Scalar? {
      index < scalars.count ? scalars[index].scalar(at: 0) : nil
    }
    func isAlignment(_ scalar: Unicode.Scalar?) -> Bool {
      scalar.map { "<>=^".unicodeScalars.contains($0) } ?? false
    }
    func number() throws(TemplateError) -> Int? {
      var value: Int?
      while let digit = scalar(index), ("0"..."9").contains(digit) {
        value = (value ?? 0) * 10 + Int(digit.value - 0x30)
        index += 1
        if value ?? 0 > PercentFormat.maximumWidth {
          throw TemplateError("a width or precision over \(PercentFormat.maximumWidth) in a format")
        }
      }
      return value
    }

    if isAlignment(scalar(1)) {
      fill = scalars[0]
      alignment = scalar(1)
      index = 2
    } else if isAlignment(scalar(0)) {
      alignment = scalar(0)
      index = 1
    }
    if let mark = scalar(index), "+- ".unicodeScalars.contains(mark) {
      sign = mark
      index += 1
    }
    if scalar(index) == "#" {
      isAlternate = true
      index += 1
    }
    if scalar(index) == "0" {
      if alignment == nil { (fill, alignment) = ("0", "=") }
      index += 1
    }
    width = try number() ?? 0
    if let mark = scalar(index), ",_".unicodeScalars.contains(mark) {
      grouping = mark
      index += 1
    }
    if scalar(index) == "." {
      index += 1
      precision = try number()
      if precision == nil { throw TemplateError("format(): '.' without a precision") }
    }
    type = scalar(index)
    if index + 1 < scalars.count { throw TemplateError("format(): cannot read '\(text.string)'") }
  }

  func text(for value: Object, _ interpreter: Interpreter) throws(TemplateError) -> Text {
    switch value {
    case .int(let value): return try number(value, interpreter)
    case .bool(let value) where isGiven: return try number(value ? 1 : 0, interpreter)
    case .float(let value): return try number(value, interpreter)
    case _ where !isGiven: return try interpreter.string(value)
    default:
      guard case .string(let text) = value, type == nil || type == "s", alignment != "=" || fill == "0" else {
        throw TemplateError("format(): this specification does not fit a value of type \(value.typeName)")
      }
      if precision != nil { try interpreter.read(bytes: text.count) }
      let cut = precision.map { text[0..<text.offset(ofScalar: $0)] } ?? text
      return try pad("", cut, or: "<", interpreter)
    }
  }

  private func number(_ value: Int, _ interpreter: Interpreter) throws(TemplateError) -> Text {
    let radix = ["b": 2, "o": 8, "x": 16, "X": 16][type ?? "d"] ?? 10
    switch type {
    case nil, "d", "n", "b", "o", "x", "X":
      guard precision == nil else { throw TemplateError("format(): a precision does not fit an integer") }
      let digits = String(value.magnitude, radix: radix, uppercase: type == "X")
      let prefix = isAlternate && radix != 10 ? "0\(type ?? "d")" : ""
      return try pad(
        signText(value < 0) + prefix, Text(grouped(digits, every: radix == 10 ? 3 : 4)), or: ">", interpreter)
    case "c":
      guard let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init) else {
        throw TemplateError("format(): 'c' needs a character")
      }
      return try pad("", Text(String(scalar)), or: "<", interpreter)
    default: return try number(Double(value), interpreter)
    }
  }

  private func number(_ value: Double, _ interpreter: Interpreter) throws(TemplateError) -> Text {
    let magnitude = value.magnitude
    var digits: String
    switch type {
    case nil where precision == nil: digits = Numbers.represent(magnitude)
    case nil, "g", "G", "n":
      digits = Numbers.format(
        magnitude, conversion: type == "G" ? "G" : "g", precision: precision ?? 6, alternate: isAlternate)
      if type == nil, value.isFinite, !digits.contains("."), !digits.contains("e") {
        digits = withoutType(digits, magnitude)
      }
    case "e", "E", "f", "F":
      digits = Numbers.format(
        magnitude, conversion: type ?? "f", precision: precision ?? 6, alternate: isAlternate)
    case "%": digits = Numbers.format(magnitude * 100, conversion: "f", precision: precision ?? 6) + "%"
    default: throw TemplateError("format(): '\(type.map(String.init) ?? "")' does not fit a float")
    }
    return try pad(
      signText(value.sign == .minus && !value.isNaN), Text(grouped(digits, every: 3)), or: ">", interpreter)
  }

  /// Without a type the result still looks like a float: a digit follows the point, or there is an exponent
  /// where the precision leaves no room for one.
  private func withoutType(_ digits: String, _ magnitude: Double) -> String {
    let precision = max(1, precision ?? 6)
    guard digits.utf8.count >= precision else { return digits + ".0" }
    let parts = Numbers.format(magnitude, conversion: "e", precision: precision - 1).split(separator: "e")
    var mantissa = parts[0]
    if mantissa.contains(".") {
      while mantissa.last == "0" { mantissa.removeLast() }
      if mantissa.last == "." { mantissa.removeLast() }
    }
    return mantissa + "e" + parts[1]
  }

  private func signText(_ isNegative: Bool) -> String {
    isNegative ? "-" : sign == "-" ? "" : String(sign)
  }

  /// Separators between groups of the digits before the point.
  private func grouped(_ digits: String, every size: Int) -> String {
    guard let grouping else { return digits }
    let whole = Array(digits.prefix { $0.isHexDigit && $0 != "e" || $0.isNumber })
    var result = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % size == 0 { result.unicodeScalars.append(grouping) }
      result.append(digit)
    }
    return result + digits.dropFirst(whole.count)
  }

  private func pad(
    _ sign: String, _ body: Text, or fallback: Unicode.Scalar, _ interpreter: Interpreter
  ) throws(TemplateError) -> Text {
    let sign = Text(sign)
    switch alignment ?? fallback {
    case "=" where fallback == ">":
      return sign + (try interpreter.pad(body, to: width - sign.scalarCount, .right, fill: fill))
    case "^":
      // Unlike str.center, format puts the odd one to the right.
      let text = sign + body
      try interpreter.read(bytes: text.count)
      let missing = max(0, width - text.scalarCount)
      try interpreter.reserve(bytes: fill.count, times: missing)
      return fill.repeated(missing / 2) + text + fill.repeated(missing - missing / 2)
    case ">": return try interpreter.pad(sign + body, to: width, .right, fill: fill)
    default: return try interpreter.pad(sign + body, to: width, .left, fill: fill)
    }
  }
}
