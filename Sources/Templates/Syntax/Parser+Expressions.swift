// Expressions, from the loosest binding operator to the tightest. The order is Jinja's, which differs from
// Python's in that `~` binds tighter than `+`, and `**` groups to the left.

extension Parser {
  /// One expression, or several with commas between, which make a tuple.
  mutating func parseTuple(
    allowsConditional: Bool = true, until end: String? = nil, isInParentheses: Bool = false
  ) throws(TemplateError) -> Expression {
    var items: [Expression] = []
    var isTuple = false
    while !isTupleEnd(end) {
      items.append(try parseExpression(allowsConditional: allowsConditional))
      guard skip(.comma) else { break }
      isTuple = true
    }
    if !isTuple, let item = items.first { return item }
    guard isTuple || isInParentheses else { throw expected("an expression") }
    return .tuple(items)
  }

  private func isTupleEnd(_ end: String?) -> Bool {
    switch current.kind {
    case .variableEnd, .blockEnd, .symbol(.closeParenthesis): true
    default: end.map(isName) ?? false
    }
  }

  mutating func parseExpression(allowsConditional: Bool = true) throws(TemplateError) -> Expression {
    try descend()
    defer { ascend() }
    guard allowsConditional else { return try parseOr() }
    let unknown = unknownCount
    var expression = try parseOr()
    while isName("if") {
      let position = advance().position
      try link()
      let condition = try parseOr()
      let otherwise = skip(name: "else") ? try parseExpression() : nil
      expression = .conditional(condition: condition, then: expression, otherwise: otherwise, position)
      forgetUnknown(since: unknown)
    }
    return expression
  }

  private mutating func parseOr() throws(TemplateError) -> Expression {
    var left = try parseAnd()
    while skip(name: "or") {
      try link()
      left = .or(left, try parseAnd())
    }
    return left
  }

  private mutating func parseAnd() throws(TemplateError) -> Expression {
    var left = try parseNot()
    while skip(name: "and") {
      try link()
      left = .and(left, try parseNot())
    }
    return left
  }

  private mutating func parseNot() throws(TemplateError) -> Expression {
    guard skip(name: "not") else { return try parseComparison() }
    try descend()
    defer { ascend() }
    return .not(try parseNot())
  }

  private mutating func parseComparison() throws(TemplateError) -> Expression {
    let position = position
    let first = try parseSum()
    var rest: [(comparison: ComparisonOperator, right: Expression)] = []
    while let comparison = comparisonOperator() {
      advance()
      if comparison == .isNotIn { advance() }
      rest.append((comparison, try parseSum()))
    }
    return rest.isEmpty ? first : .comparison(first, rest, position)
  }

  private func comparisonOperator() -> ComparisonOperator? {
    switch current.kind {
    case .symbol(let symbol): ComparisonOperator(rawValue: symbol.rawValue)
    case .name("in"): .isIn
    case .name("not") where next.kind == .name("in"): .isNotIn
    default: nil
    }
  }

  private mutating func parseSum() throws(TemplateError) -> Expression {
    var left = try parseConcatenation()
    while let operation = binaryOperator(among: [.add, .subtract]) {
      let position = advance().position
      try link()
      left = .binary(operation, left, try parseConcatenation(), position)
    }
    return left
  }

  private mutating func parseConcatenation() throws(TemplateError) -> Expression {
    let first = try parseProduct()
    guard isSymbol(.concatenate) else { return first }
    var parts = [first]
    while skip(.concatenate) { parts.append(try parseProduct()) }
    return .concatenation(parts)
  }

  private mutating func parseProduct() throws(TemplateError) -> Expression {
    var left = try parsePower()
    while let operation = binaryOperator(among: [.multiply, .divide, .floorDivide, .modulo]) {
      let position = advance().position
      try link()
      left = .binary(operation, left, try parsePower(), position)
    }
    return left
  }

  private mutating func parsePower() throws(TemplateError) -> Expression {
    var left = try parseUnary()
    while let operation = binaryOperator(among: [.power]) {
      let position = advance().position
      try link()
      left = .binary(operation, left, try parseUnary(), position)
    }
    return left
  }

  private func binaryOperator(among operators: [BinaryOperator]) -> BinaryOperator? {
    guard case .symbol(let symbol) = current.kind, let operation = BinaryOperator(rawValue: symbol.rawValue),
      operators.contains(operation)
    else { return nil }
    return operation
  }

  private mutating func parseUnary(allowsFilters: Bool = true) throws(TemplateError) -> Expression {
    var expression: Expression
    if isSymbol(.subtract) || isSymbol(.add) {
      try descend()
      defer { ascend() }
      let operation: UnaryOperator = isSymbol(.subtract) ? .negate : .plus
      let position = advance().position
      expression = .unary(operation, try parseUnary(allowsFilters: false), position)
    } else {
      expression = try parsePrimary()
    }
    expression = try parsePostfix(expression)
    return allowsFilters ? try parseFiltersAndTests(expression) : expression
  }

  mutating func parsePrimary() throws(TemplateError) -> Expression {
    let position = position
    switch current.kind {
    case .name(let name):
      advance()
      switch name {
      case "true", "True": return .literal(.bool(true))
      case "false", "False": return .literal(.bool(false))
      case "none", "None": return .literal(.null)
      default:
        return .name(use(name), position)
      }
    case .string(var text):
      advance()
      while case .string(let more) = current.kind {
        text.append(more)
        advance()
      }
      return .literal(.string(text))
    case .int(let value):
      advance()
      return .literal(.int(value))
    case .float(let value):
      advance()
      return .literal(.float(value))
    case .symbol(.openParenthesis):
      advance()
      let expression = try parseTuple(isInParentheses: true)
      try expect(.closeParenthesis)
      return expression
    case .symbol(.openBracket):
      advance()
      var items: [Expression] = []
      while !isSymbol(.closeBracket) {
        items.append(try parseExpression())
        guard skip(.comma) else { break }
      }
      try expect(.closeBracket)
      return .list(items)
    case .symbol(.openBrace): return try parseDict()
    default: throw expected("an expression")
    }
  }

  private mutating func parseDict() throws(TemplateError) -> Expression {
    let position = advance().position
    var entries: [(key: Expression, value: Expression)] = []
    while !isSymbol(.closeBrace) {
      let key = try parseExpression()
      try expect(.colon)
      entries.append((key, try parseExpression()))
      guard skip(.comma) else { break }
    }
    try expect(.closeBrace)
    return .dict(entries, position)
  }
}
