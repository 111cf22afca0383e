/// The filters, which stand after `|`: name → function of the value and the arguments.
enum Filters {
  typealias Filter = @Sendable (Object, Arguments, Interpreter) throws(TemplateError) -> Object

  static let table: [String: Filter] = [
    // Any value
    "d": fallback,
    "default": fallback,
    "string": { (object, _, interpreter) throws(TemplateError) in .string(try interpreter.string(object)) },
    "tojson": toJSON,

    // Numbers
    "abs": absolute,
    "float": float,
    "int": int,
    "round": round,

    // Text
    "capitalize": text { $0.capitalized },
    "center": center,
    "e": text { $0.escapedForHTML },
    "escape": text { $0.escapedForHTML },
    "format": format,
    "indent": indent,
    "lower": text { $0.lowercased },
    "replace": replace,
    "safe": { (object, arguments, interpreter) throws(TemplateError) in
      _ = try arguments.bind("filter 'safe'", [])
      return .string(try interpreter.string(object).asHTML)
    },
    "title": text(title),
    "trim": trim,
    "truncate": truncate,
    "upper": text { $0.uppercased },
    "urlencode": urlEncode,
    "wordcount": wordCount,

    // Sequences and mappings
    "attr": attribute,
    "batch": batch,
    "count": length,
    "dictsort": dictSort,
    "first": first,
    "groupby": groupBy,
    "items": items,
    "join": join,
    "last": last,
    "length": length,
    "list": { (object, _, interpreter) throws(TemplateError) in
      try interpreter.makeSequence(try interpreter.iterate(object))
    },
    "map": map,
    "max": { (object, arguments, interpreter) throws(TemplateError) in
      try extreme("max", object, arguments, interpreter)
    },
    "min": { (object, arguments, interpreter) throws(TemplateError) in
      try extreme("min", object, arguments, interpreter)
    },
    "reject": select(keeps: false, byAttribute: false, "reject"),
    "rejectattr": select(keeps: false, byAttribute: true, "rejectattr"),
    "reverse": reverse,
    "select": select(keeps: true, byAttribute: false, "select"),
    "selectattr": select(keeps: true, byAttribute: true, "selectattr"),
    "slice": slice,
    "sort": sort,
    "sum": sum,
    "unique": unique,
  ]
}

// MARK: - Any value and numbers

extension Filters {
  static func fallback(_ object: Object, _ arguments: Arguments, _: Interpreter) throws(TemplateError)
    -> Object
  {
    let arguments = try arguments.bind("filter 'default'", ["default_value", "boolean"])
    let replaces = object.isUndefined || arguments.bool(1, default: false) && !object.isTrue
    return replaces ? arguments[0] ?? .string(Text()) : object
  }

  /// As in Hugging Face's environment: no HTML escapes, characters as they are.
  static func toJSON(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind(
      "filter 'tojson'", ["ensure_ascii", "indent", "separators", "sort_keys"])
    var writer = JSONWriter(interpreter: interpreter)
    writer.isASCII = arguments.bool(0, default: false)
    switch try arguments.object(1) {
    case .null: break
    case .string(let text): writer.indentation = text
    default: writer.indentation = Text(" ").repeated(min(try arguments.int(1, default: 0), 1000))
    }
    if writer.indentation != nil { writer.itemSeparator = "," }
    if let separators = arguments[2], case .sequence(let pair) = separators {
      guard pair.elements.count == 2, case .string(let item) = pair.elements[0],
        case .string(let key) = pair.elements[1]
      else { throw TemplateError("filter 'tojson' needs two strings as 'separators'") }
      (writer.itemSeparator, writer.keySeparator) = (item, key)
    }
    writer.sortsKeys = arguments.bool(3, default: false)
    return .string(try writer.text(of: object))
  }

  static func absolute(_ object: Object, _ arguments: Arguments, _: Interpreter) throws(TemplateError)
    -> Object
  {
    _ = try arguments.bind("filter 'abs'", [])
    if case .undefined(let undefined) = object { throw undefined.error }
    if let value = object.index, value != .min { return .int(abs(value)) }
    guard let value = object.number else {
      throw TemplateError("filter 'abs' needs a number, got \(object.typeName)")
    }
    return .float(value.magnitude)
  }

  static func int(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'int'", ["default", "base"])
    if case .undefined(let undefined) = object { throw undefined.error }
    if let value = object.index { return .int(value) }
    var number = object.number
    if case .string(let text) = object {
      let radix = try arguments.int(1, default: 10)
      try interpreter.convert(bytes: text.count)
      guard (2...36).contains(radix) else { throw TemplateError("filter 'int' needs a 'base' from 2 to 36") }
      if let value = Numbers.int(text, radix: radix) { return .int(value) }
      number = Numbers.float(text)
    }
    guard let number, number.isFinite else { return arguments[0] ?? .int(0) }
    guard let value = Int(exactly: number.rounded(.towardZero)) else {
      throw TemplateError("\(Numbers.represent(number)) does not fit 64 bits")
    }
    return .int(value)
  }

  static func float(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'float'", ["default"])
    if case .undefined(let undefined) = object { throw undefined.error }
    var number = object.number
    if case .string(let text) = object {
      try interpreter.convert(bytes: text.count)
      number = Numbers.float(text)
    }
    return number.map { .float($0) } ?? arguments[0] ?? .float(0)
  }

  static func round(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'round'", ["precision", "method"])
    if case .undefined(let undefined) = object { throw undefined.error }
    let precision = try arguments.int(0, default: 0)
    let method =
      try arguments[1].map { (_) throws(TemplateError) in try arguments.text(1).string } ?? "common"
    guard let value = object.number else {
      throw TemplateError("filter 'round' needs a number, got \(object.typeName)")
    }
    guard precision.magnitude < 400 else { throw TemplateError("filter 'round' needs a smaller 'precision'") }
    switch method {
    case "common":
      if let integer = object.index, precision >= 0 { return .int(integer) }
      let rounded = Numbers.round(value, digits: precision)
      return object.index == nil ? .float(rounded) : .int(Int(exactly: rounded) ?? 0)
    case "ceil", "floor":
      let scale = try interpreter.apply(.power, .float(10), .int(precision)).number ?? 1
      // Adding 0 makes -0.0 positive: Python rounds to an integer here, which has no negative zero.
      return .float((value * scale).rounded(method == "ceil" ? .up : .down) / scale + 0)
    default: throw TemplateError("filter 'round' needs 'common', 'ceil' or 'floor' as 'method'")
    }
  }
}
