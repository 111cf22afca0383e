import OrderedCollections

/// A value while a template runs. Containers are shared references with an identity, as in Python.
enum Object {
  case undefined(Undefined)
  case null
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(Text)
  case sequence(SequenceObject)
  case mapping(MappingObject)
  case namespace(MappingObject)
  indirect case range(RangeObject)
  case iterator(IteratorObject)
  case loop(LoopObject)
  case callable(CallableObject)
}

/// The result of looking up what is not there. Printing it gives nothing, using it is an error that says what
/// was not there.
final class Undefined: Sendable {
  enum Reason: Sendable {
    case variable(String)
    case member(String, of: String)
    case element(Int, of: String)
    case other(String)
  }

  let reason: Reason

  init(_ reason: Reason) { self.reason = reason }

  var error: TemplateError {
    switch reason {
    case .variable(let name): TemplateError("'\(name)' is undefined")
    case .member(let name, let type): TemplateError("'\(type)' has no attribute or key '\(name)'")
    case .element(let index, let type): TemplateError("'\(type)' has no element \(index)")
    case .other(let message): TemplateError(message)
    }
  }
}

/// A list, a tuple, or what `dict.items()` and its like return.
final class SequenceObject {
  enum Kind { case list, tuple, keys, values, items }

  var elements: [Object]
  let kind: Kind

  /// Use `Interpreter.makeSequence`, which accounts for the memory.
  init(_ elements: [Object], _ kind: Kind) {
    self.elements = elements
    self.kind = kind
  }
}

/// A dictionary or a namespace.
final class MappingObject {
  var entries: OrderedDictionary<Key, Object>

  /// Use `Interpreter.makeMapping`, which accounts for the memory.
  init(_ entries: OrderedDictionary<Key, Object>) { self.entries = entries }
}

/// Python's `range`.
struct RangeObject {
  var start: Int
  var stop: Int
  /// Not 0.
  var step: Int

  var count: Int {
    let (distance, overflow) =
      step > 0 ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
    if overflow { return .max }
    if distance <= 0 { return 0 }
    return Int((distance.magnitude - 1) / step.magnitude) + 1
  }

  subscript(index: Int) -> Int { start + index * step }
  var elements: [Object] { (0..<count).map { .int(self[$0]) } }
}

/// The result of filters like `map` and `select`: it can be walked once, and has no length.
final class IteratorObject {
  var remaining: ArraySlice<Object>
  init(_ elements: [Object]) { remaining = elements[...] }

  /// The elements that are left; afterwards there are none.
  func drain() -> [Object] {
    defer { remaining = [] }
    return Array(remaining)
  }
}

/// A macro, a bound method or a function of the interpreter.
final class CallableObject {
  typealias Function = (Arguments, Interpreter) throws(TemplateError) -> Object

  /// The text that printing it gives.
  let description: String
  let function: Function

  init(_ description: String, _ function: @escaping Function) {
    self.description = description
    self.function = function
  }
}

// MARK: - Properties

extension Object {
  static func undefined(_ reason: Undefined.Reason) -> Object { .undefined(Undefined(reason)) }
  static func markup(_ string: String) -> Object { .string(Text(string)) }

  var isUndefined: Bool {
    if case .undefined = self { true } else { false }
  }

  /// Python's truth value.
  var isTrue: Bool {
    switch self {
    case .undefined, .null: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .float(let value): value != 0
    case .string(let text): !text.isEmpty
    case .sequence(let sequence): !sequence.elements.isEmpty
    case .mapping(let mapping): !mapping.entries.isEmpty
    case .range(let range): range.count > 0
    case .namespace, .iterator, .loop, .callable: true
    }
  }

  /// Python's name of the type.
  var typeName: String {
    switch self {
    case .undefined: "undefined"
    case .null: "None"
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .string: "str"
    case .sequence(let sequence):
      switch sequence.kind {
      case .list: "list"
      case .tuple: "tuple"
      case .keys: "dict_keys"
      case .values: "dict_values"
      case .items: "dict_items"
      }
    case .mapping: "dict"
    case .namespace: "namespace"
    case .range: "range"
    case .iterator: "generator"
    case .loop: "loop"
    case .callable: "function"
    }
  }

  /// The value as an integer if Python takes it as an index: booleans are integers.
  var index: Int? {
    switch self {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  /// The value as a number of any kind.
  var number: Double? {
    if case .float(let value) = self { return value }
    return index.map(Double.init)
  }

  /// The number of elements, if it has one.
  var length: Int? {
    switch self {
    case .undefined: 0
    case .string(let text): text.scalarCount
    case .sequence(let sequence): sequence.elements.count
    case .mapping(let mapping): mapping.entries.count
    case .range(let range): range.count
    case .loop(let loop): loop.items.count
    default: nil
    }
  }
}
