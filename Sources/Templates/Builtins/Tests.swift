/// The tests, which stand after `is`: name → function of the value and the arguments.
enum Tests {
  typealias Test = @Sendable (Object, Arguments, Interpreter) throws(TemplateError) -> Bool

  static let table: [String: Test] = [
    "boolean": { (object, _, _) throws(TemplateError) in if case .bool = object { true } else { false } },
    "callable": { (object, _, _) throws(TemplateError) in
      // Undefined values count, as in Jinja: they have a call, which fails.
      if case .callable = object { true } else { object.isUndefined }
    },
    "defined": { (object, _, _) throws(TemplateError) in !object.isUndefined },
    "divisibleby": divisibleBy,
    "escaped": { (object, _, _) throws(TemplateError) in
      if case .string(let text) = object { text.isHTML } else { false }
    },
    "even": { (object, _, interpreter) throws(TemplateError) in
      try isRemainder(0, object, by: .int(2), interpreter)
    },
    "false": { (object, _, _) throws(TemplateError) in if case .bool(false) = object { true } else { false }
    },
    "filter": { (object, _, interpreter) throws(TemplateError) in
      try isKnown(object, interpreter) { Filters.table[$0] != nil }
    },
    "float": { (object, _, _) throws(TemplateError) in if case .float = object { true } else { false } },
    "in": { (object, arguments, interpreter) throws(TemplateError) in
      try interpreter.contains(try arguments.bind("test 'in'", ["seq"], required: 1)[0] ?? .null, object)
    },
    "integer": { (object, _, _) throws(TemplateError) in if case .int = object { true } else { false } },
    "iterable": { (object, _, _) throws(TemplateError) in isIterable(object) },
    "lower": { (object, _, interpreter) throws(TemplateError) in
      try interpreter.converted(object).isLowercase
    },
    "mapping": { (object, _, _) throws(TemplateError) in if case .mapping = object { true } else { false } },
    "none": { (object, _, _) throws(TemplateError) in if case .null = object { true } else { false } },
    "number": { (object, _, _) throws(TemplateError) in object.number != nil },
    "odd": { (object, _, interpreter) throws(TemplateError) in
      try isRemainder(1, object, by: .int(2), interpreter)
    },
    "sameas": sameAs,
    "sequence": { (object, _, _) throws(TemplateError) in isSequence(object) },
    "string": { (object, _, _) throws(TemplateError) in if case .string = object { true } else { false } },
    "test": { (object, _, interpreter) throws(TemplateError) in
      try isKnown(object, interpreter) { isKnownTest($0) }
    },
    "true": { (object, _, _) throws(TemplateError) in if case .bool(true) = object { true } else { false } },
    "undefined": { (object, _, _) throws(TemplateError) in object.isUndefined },
    "upper": { (object, _, interpreter) throws(TemplateError) in
      try interpreter.converted(object).isUppercase
    },
    "==": comparison(.equal), "eq": comparison(.equal), "equalto": comparison(.equal),
    "!=": comparison(.notEqual), "ne": comparison(.notEqual),
    "<": comparison(.less), "lt": comparison(.less), "lessthan": comparison(.less),
    "<=": comparison(.lessOrEqual), "le": comparison(.lessOrEqual),
    ">": comparison(.greater), "gt": comparison(.greater), "greaterthan": comparison(.greater),
    ">=": comparison(.greaterOrEqual), "ge": comparison(.greaterOrEqual),
  ]

  private static func isKnownTest(_ name: String) -> Bool { table[name] != nil }

  private static func isKnown(
    _ object: Object, _ interpreter: Interpreter, _ isKnown: (String) -> Bool
  ) throws(TemplateError) -> Bool {
    guard case .string(let name) = object else {
      throw TemplateError("a name is needed, got \(object.typeName)")
    }
    try interpreter.read(bytes: name.count)
    return isKnown(name.string)
  }

  private static func divisibleBy(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Bool {
    let divisor = try arguments.bind("test 'divisibleby'", ["num"], required: 1).object(0)
    return try isRemainder(0, object, by: divisor, interpreter)
  }

  private static func isRemainder(
    _ remainder: Int, _ object: Object, by divisor: Object, _ interpreter: Interpreter
  ) throws(TemplateError) -> Bool {
    try interpreter.areEqual(try interpreter.apply(.modulo, object, divisor), .int(remainder))
  }

  private static func comparison(_ comparison: ComparisonOperator) -> Test {
    { (object, arguments, interpreter) throws(TemplateError) in
      let other = try arguments.bind("test '\(comparison.rawValue)'", ["other"], required: 1)[0] ?? .null
      return try interpreter.compare(object, comparison, other)
    }
  }

  /// The same object, not only an equal one; small values are the same when they are equal.
  private static func sameAs(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Bool {
    let other = try arguments.bind("test 'sameas'", ["other"], required: 1)[0] ?? .null
    switch (object, other) {
    case (.sequence(let left), .sequence(let right)): return left === right
    case (.mapping(let left), .mapping(let right)): return left === right
    default: return object.typeName == other.typeName ? try interpreter.areEqual(object, other) : false
    }
  }

  private static func isIterable(_ object: Object) -> Bool {
    switch object {
    case .null, .bool, .int, .float, .callable, .namespace: false
    default: true
    }
  }

  private static func isSequence(_ object: Object) -> Bool {
    switch object {
    case .string, .mapping, .range, .undefined: true
    case .sequence(let sequence): sequence.kind == .list || sequence.kind == .tuple
    default: false
    }
  }
}
