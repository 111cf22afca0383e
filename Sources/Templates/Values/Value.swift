import OrderedCollections

/// A value handed to a template: JSON's kinds, with texts that know whether they are content.
public enum Value: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(Text)
  case list([Value])
  /// In the order of insertion, as Python's dictionaries are.
  case dict(OrderedDictionary<Text, Value>)

  /// Text of the template or of a trusted caller: control tokens in it are control tokens.
  public static func markup(_ string: String) -> Value { .string(Text(string)) }
  /// Text from outside: never read as a control token.
  public static func content(_ string: String) -> Value { .string(Text(string, isContent: true)) }

  /// The same value with every string in it, keys of dictionaries included, marked as content.
  public var markedAsContent: Value {
    switch self {
    case .null, .bool, .int, .float: self
    case .string(let text): .string(text.marked(isContent: true))
    case .list(let elements): .list(elements.map(\.markedAsContent))
    case .dict(let entries):
      .dict(
        OrderedDictionary(
          entries.map { ($0.key.marked(isContent: true), $0.value.markedAsContent) },
          uniquingKeysWith: { _, last in last }))
    }
  }
}

extension Value: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
  public init(dictionaryLiteral elements: (Text, Value)...) {
    self = .dict(OrderedDictionary(elements, uniquingKeysWith: { _, last in last }))
  }
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
}

extension Value: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .float(value) }
}
