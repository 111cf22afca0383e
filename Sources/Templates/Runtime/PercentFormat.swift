/// `"format" % values`: Python's older formatting, after C's `printf`.
enum PercentFormat {
  /// Widths and precisions beyond this are refused.
  static let maximumWidth = 10_000

  static func format(
    _ format: Text, _ values: Object, _ interpreter: Interpreter
  ) throws(TemplateError) -> Text {
    try interpreter.convert(bytes: format.count)
    var values = Values(values)
    var result = Text()
    var offset = 0
    while let percent = format.firstOffset(of: "%", from: offset) {
      result.append(format, range: offset..<percent)
      var scanner = Scanner(format: format, offset: percent + 1)
      let directive = try scanner.directive(&values)
      offset = scanner.offset
      if directive.conversion == "%" {
        result.append(format, range: percent..<percent + 1)
        continue
      }
      let value = if let key = directive.key { try values.value(of: key) } else { try values.next() }
      result.append(try directive.text(for: value, interpreter))
    }
    result.append(format, range: offset..<format.count)
    if values.hasUnused { throw TemplateError("more values than the format of '%' asks for") }
    return result
  }

  /// The values right of `%`: a tuple's elements, a dictionary's by key, or a single value.
  private struct Values {
    let mapping: MappingObject?
    var remaining: ArraySlice<Object>
    /// Python lets containers other than tuples go unused.
    private let mayBeUnused: Bool

    init(_ object: Object) {
      remaining = [object]
      mapping = if case .mapping(let mapping) = object { mapping } else { nil }
      switch object {
      case .sequence(let sequence) where sequence.kind == .tuple:
        remaining = sequence.elements[...]
        mayBeUnused = false
      case .sequence, .mapping, .range, .undefined: mayBeUnused = true
      default: mayBeUnused = false
      }
    }

    var hasUnused: Bool { !mayBeUnused && !remaining.isEmpty }

    mutating func next() throws(TemplateError) -> Object {
      guard let value = remaining.popFirst() else {
        throw TemplateError("the format of '%' asks for more values")
      }
      return value
    }

    func value(of key: Text) throws(TemplateError) -> Object {
      guard let mapping else { throw TemplateError("'%(\(key.string))' needs a dict") }
      guard let value = mapping.entries[.string(key)] else {
        throw TemplateError("there is no key '\(key.string)'")
      }
      return value
    }
  }

  private struct Scanner {
    let format: Text
    var offset: Int

    private var current: Unicode.Scalar? { offset < format.count ? format.scalar(at: offset) : nil }
    private mutating func advance() { offset += format.scalarLength(at: offset) }

    mutating func directive(_ values: inout Values) throws(TemplateError) -> Directive {
      var directive = Directive()
      if current == "(" {
        guard let end = format.firstOffset(of: ")", from: offset) else {
          throw TemplateError("'%(' without ')'")
        }
        directive.key = format[offset + 1..<end]
        offset = end + 1
      }
      while let flag = current, "-+ 0#".unicodeScalars.contains(flag) {
        directive.flags.insert(flag)
        advance()
      }
      if let width = try number(&values) {
        directive.width = Int(width.magnitude)
        if width < 0 { directive.flags.insert("-") }
      }
      if current == "." {
        advance()
        directive.precision = max(0, try number(&values) ?? 0)
      }
      while let length = current, "hlL".unicodeScalars.contains(length) { advance() }
      guard let conversion = current else { throw TemplateError("the format of '%' is incomplete") }
      directive.conversion = conversion
      advance()
      return directive
    }

    private mutating func number(_ values: inout Values) throws(TemplateError) -> Int? {
      var value: Int?
      if current == "*" {
        advance()
        value = try values.next().index
        if value == nil { throw TemplateError("'*' in a format needs an integer") }
      }
      while let digit = current, ("0"..."9").contains(digit), value ?? 0 <= maximumWidth {
        value = (value ?? 0) * 10 + Int(digit.value - 0x30)
        advance()
      }
      guard value?.magnitude ?? 0 <= maximumWidth else {
        throw TemplateError("a width or precision over \(maximumWidth) in a format")
      }
      return value
    }
  }

  private struct Directive {
    var key: Text?
    var flags: Set<Unicode.Scalar> = []
    var width = 0
    var precision: Int?
    var conversion: Unicode.Scalar = "s"

    func text(for value: Object, _ interpreter: Interpreter) throws(TemplateError) -> Text {
      switch conversion {
      case "s", "r", "a":
        let text = conversion == "s" ? try interpreter.string(value) : try interpreter.represent(value)
        if precision != nil { try interpreter.read(bytes: text.count) }
        let cut = precision.map { text[0..<text.offset(ofScalar: $0)] } ?? text
        return try interpreter.pad(cut, to: width, flags.contains("-") ? .left : .right)
      case "c":
        if case .string(let text) = value, text.count <= 4, text.scalarCount == 1 {
          return try interpreter.pad(text, to: width, flags.contains("-") ? .left : .right)
        }
        guard let code = value.index.flatMap({ UInt32(exactly: $0) }), let scalar = Unicode.Scalar(code)
        else {
          throw TemplateError("'%c' needs a character")
        }
        return try interpreter.pad(Text(String(scalar)), to: width, flags.contains("-") ? .left : .right)
      case "d", "i", "u", "x", "X", "o":
        return try pad(sign: integer(value) < 0, prefix: prefix, try digits(of: integer(value)), interpreter)
      case "e", "E", "f", "F", "g", "G":
        if case .undefined(let undefined) = value { throw undefined.error }
        guard let number = value.number else {
          throw TemplateError("'%\(conversion)' needs a number, got \(value.typeName)")
        }
        let digits = Numbers.format(
          number.magnitude, conversion: conversion, precision: precision ?? 6, alternate: flags.contains("#"))
        return try pad(
          sign: number.sign == .minus && !number.isNaN, prefix: "", digits, interpreter,
          isFinite: number.isFinite)
      default: throw TemplateError("there is no conversion '%\(conversion)'")
      }
    }

    private var prefix: String {
      guard flags.contains("#") else { return "" }
      return ["x": "0x", "X": "0X", "o": "0o"][conversion] ?? ""
    }

    private func integer(_ value: Object) throws(TemplateError) -> Int {
      if case .undefined(let undefined) = value { throw undefined.error }
      if let integer = value.index { return integer }
      if case .float(let number) = value, "diu".unicodeScalars.contains(conversion),
        let integer = Int(exactly: number.rounded(.towardZero))
      {
        return integer
      }
      throw TemplateError("'%\(conversion)' needs an integer, got \(value.typeName)")
    }

    private func digits(of value: Int) -> String {
      let radix = ["x": 16, "X": 16, "o": 8][conversion] ?? 10
      let digits = String(value.magnitude, radix: radix, uppercase: conversion == "X")
      return String(repeating: "0", count: max(0, (precision ?? 0) - digits.utf8.count)) + digits
    }

    private func pad(
      sign isNegative: Bool, prefix: String, _ digits: String, _ interpreter: Interpreter,
      isFinite: Bool = true
    ) throws(TemplateError) -> Text {
      let sign = isNegative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : ""
      var body = digits
      if flags.contains("0"), !flags.contains("-"), isFinite {
        let missing = width - sign.utf8.count - prefix.utf8.count - digits.utf8.count
        body = String(repeating: "0", count: max(0, missing)) + digits
      }
      return try interpreter.pad(Text(sign + prefix + body), to: width, flags.contains("-") ? .left : .right)
    }
  }
}
