import OrderedCollections

/// The functions that every template can call by name.
enum Globals {
  static var table: [String: Object] {
    [
      "range": function("range", range),
      "dict": function("dict", dict),
      "namespace": function("namespace", namespace),
      "raise_exception": function("raise_exception", raiseException),
      "strftime_now": function("strftime_now", formatNow),
    ]
  }

  /// As many elements as Jinja's sandbox allows.
  private static let longestRange = 100_000

  private static func function(_ name: String, _ function: @escaping CallableObject.Function) -> Object {
    .callable(CallableObject("<function \(name)>", function))
  }

  private static func range(_ arguments: Arguments, _: Interpreter) throws(TemplateError) -> Object {
    try arguments.requireNoNames("range()")
    let bound = try arguments.bind("range()", ["start", "stop", "step"], required: 1)
    let first = try bound.int(0, default: 0)
    let isSingle = arguments.positional.count == 1
    let range = RangeObject(
      start: isSingle ? 0 : first, stop: isSingle ? first : try bound.int(1, default: 0),
      step: try bound.int(2, default: 1))
    if range.step == 0 { throw TemplateError("the step of range() cannot be 0") }
    if range.count > longestRange { throw TemplateError("range() of more than \(longestRange) elements") }
    return .range(range)
  }

  private static func dict(_ arguments: Arguments, _ interpreter: Interpreter) throws(TemplateError) -> Object
  {
    .mapping(try interpreter.makeMapping(try entries("dict()", arguments, interpreter)))
  }

  private static func namespace(_ arguments: Arguments, _ interpreter: Interpreter) throws(TemplateError)
    -> Object
  {
    .namespace(try interpreter.makeMapping(try entries("namespace()", arguments, interpreter)))
  }

  /// Entries of an optional dictionary or sequence of pairs, then those of the named arguments.
  static func entries(
    _ function: String, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> OrderedDictionary<Key, Object> {
    guard arguments.positional.count <= 1 else { throw TemplateError("\(function) takes at most 1 argument") }
    var entries: OrderedDictionary<Key, Object> = [:]
    switch arguments.positional.first {
    case nil: break
    case .mapping(let mapping): entries = mapping.entries
    case .some(let object):
      for pair in try interpreter.iterate(object) {
        let pair = try interpreter.iterate(pair)
        guard pair.count == 2, let key = try interpreter.makeKey(pair[0]) else {
          throw TemplateError("\(function) needs a dict or pairs of keys and values")
        }
        entries[key] = pair[1]
      }
    }
    for (name, value) in arguments.named {
      try interpreter.read(bytes: name.utf8.count)
      entries[.string(Text(name))] = value
    }
    return entries
  }

  private static func raiseException(_ arguments: Arguments, _ interpreter: Interpreter) throws(TemplateError)
    -> Object
  {
    let message = try arguments.bind("raise_exception()", ["message"], required: 1)[0] ?? .null
    throw TemplateError("the template refuses: \(try interpreter.string(message).string)")
  }

  private static func formatNow(_ arguments: Arguments, _ interpreter: Interpreter) throws(TemplateError)
    -> Object
  {
    let format = try arguments.bind("strftime_now()", ["format"], required: 1).text(0)
    try interpreter.convert(bytes: format.count)
    return try interpreter.makeText(interpreter.now.formatted(format))
  }
}
