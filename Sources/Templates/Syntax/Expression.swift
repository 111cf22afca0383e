/// An expression of the template language, as parsed.
indirect enum Expression: Sendable {
  typealias Position = TemplateError.Position

  case literal(Value)
  case name(Name, Position)
  case list([Expression])
  case tuple([Expression])
  case dict([(key: Expression, value: Expression)], Position)
  /// `base.name`
  case attribute(Expression, String, Position)
  /// `base[key]`
  case item(Expression, Expression, Position)
  /// `base[from:to:step]`
  case slice(Expression, from: Expression?, to: Expression?, step: Expression?, Position)
  case call(Expression, ArgumentList, Position)
  /// `base|name(arguments)`
  case filter(Expression, FilterCall)
  /// `base is name(arguments)`
  case test(Expression, TestCall)
  case unary(UnaryOperator, Expression, Position)
  case binary(BinaryOperator, Expression, Expression, Position)
  /// `a ~ b ~ …`
  case concatenation([Expression])
  /// `a < b <= …`, each neighbouring pair compared.
  case comparison(Expression, [(comparison: ComparisonOperator, right: Expression)], Position)
  case and(Expression, Expression)
  case or(Expression, Expression)
  case not(Expression)
  /// `then if condition else otherwise`
  case conditional(condition: Expression, then: Expression, otherwise: Expression?, Position)
}

struct ArgumentList: Sendable {
  var positional: [Expression] = []
  var named: [(name: String, value: Expression)] = []
  /// `*sequence`
  var unpacked: Expression?
  /// `**dict`
  var unpackedNamed: Expression?
}

struct FilterCall: Sendable {
  var name: String
  var arguments: ArgumentList
  var position: TemplateError.Position
}

struct TestCall: Sendable {
  var name: String
  var arguments: ArgumentList
  var position: TemplateError.Position
}

enum UnaryOperator: String, Sendable {
  case negate = "-"
  case plus = "+"
}

enum BinaryOperator: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case power = "**"
}

enum ComparisonOperator: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case isNotIn = "not in"
}
