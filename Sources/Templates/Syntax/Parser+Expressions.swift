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

  private mutating func parsePrimary() throws(TemplateError) -> Expression {
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

// MARK: - What follows an operand

extension Parser {
  private mutating func parsePostfix(_ base: Expression) throws(TemplateError) -> Expression {
    var expression = base
    while true {
      let position = position
      switch current.kind {
      case .symbol(.dot):
        advance()
        try link()
        switch advance().kind {
        case .name(let name): expression = .attribute(expression, name, position)
        case .int(let index): expression = .item(expression, .literal(.int(index)), position)
        default: throw TemplateError("expected a name or a number after '.'", at: position)
        }
      case .symbol(.openBracket):
        advance()
        try link()
        expression = try parseSubscript(of: expression, position)
        try expect(.closeBracket)
      case .symbol(.openParenthesis):
        try link()
        expression = .call(expression, try parseArguments(), position)
      default: return expression
      }
    }
  }

  private mutating func parseSubscript(
    of base: Expression, _ position: TemplateError.Position
  ) throws(TemplateError) -> Expression {
    let from = isSymbol(.colon) ? nil : try parseExpression()
    guard skip(.colon) else {
      guard let from, !isSymbol(.comma) else { throw TemplateError("a subscript has one key", at: position) }
      return .item(base, from, position)
    }
    let to = isSymbol(.colon) || isSymbol(.closeBracket) ? nil : try parseExpression()
    let step = skip(.colon) && !isSymbol(.closeBracket) ? try parseExpression() : nil
    return .slice(base, from: from, to: to, step: step, position)
  }

  private mutating func parseFiltersAndTests(_ base: Expression) throws(TemplateError) -> Expression {
    var expression = base
    while true {
      let position = position
      if skip(.pipe) {
        try link()
        expression = .filter(expression, try parseFilterCall())
      } else if skip(name: "is") {
        try link()
        expression = try parseTest(of: expression, position)
      } else if isSymbol(.openParenthesis) {
        try link()
        expression = .call(expression, try parseArguments(), position)
      } else {
        return expression
      }
    }
  }

  mutating func parseFilterCall() throws(TemplateError) -> FilterCall {
    let position = position
    var name = try expectName()
    while skip(.dot) { name += "." + (try expectName()) }
    if Filters.table[name] == nil { noteUnknown("filter", name, at: position) }
    let arguments = isSymbol(.openParenthesis) ? try parseArguments() : ArgumentList()
    return FilterCall(name: name, arguments: arguments, position: position)
  }

  private mutating func parseTest(
    of operand: Expression, _ position: TemplateError.Position
  ) throws(TemplateError) -> Expression {
    let isNegated = skip(name: "not")
    let position = self.position
    var name = try expectName()
    while skip(.dot) { name += "." + (try expectName()) }
    if Tests.table[name] == nil { noteUnknown("test", name, at: position) }
    var arguments = ArgumentList()
    if isSymbol(.openParenthesis) {
      arguments = try parseArguments()
    } else if startsTestArgument {
      if isName("is") { throw TemplateError("tests with 'is' cannot be chained", at: self.position) }
      arguments.positional = [try parsePostfix(try parsePrimary())]
    }
    let test = Expression.test(operand, TestCall(name: name, arguments: arguments, position: position))
    return isNegated ? .not(test) : test
  }

  private var startsTestArgument: Bool {
    switch current.kind {
    case .name("else"), .name("or"), .name("and"): false
    case .name, .string, .int, .float, .symbol(.openBracket), .symbol(.openBrace): true
    default: false
    }
  }

  private mutating func parseArguments() throws(TemplateError) -> ArgumentList {
    try expect(.openParenthesis)
    var arguments = ArgumentList()
    while !isSymbol(.closeParenthesis) {
      let position = position
      if skip(.multiply) {
        guard arguments.unpacked == nil, arguments.unpackedNamed == nil else {
          throw TemplateError("misplaced '*' in the arguments", at: position)
        }
        arguments.unpacked = try parseExpression()
      } else if skip(.power) {
        guard arguments.unpackedNamed == nil else {
          throw TemplateError("misplaced '**' in the arguments", at: position)
        }
        arguments.unpackedNamed = try parseExpression()
      } else if case .name(let name) = current.kind, next.kind == .symbol(.assign) {
        advance()
        advance()
        guard arguments.unpackedNamed == nil, !arguments.named.contains(where: { $0.name == name }) else {
          throw TemplateError("misplaced argument '\(name)'", at: position)
        }
        arguments.named.append((name, try parseExpression()))
      } else {
        guard arguments.named.isEmpty, arguments.unpacked == nil, arguments.unpackedNamed == nil else {
          throw TemplateError("an argument without a name follows one with a name", at: position)
        }
        arguments.positional.append(try parseExpression())
      }
      guard skip(.comma) else { break }
    }
    try expect(.closeParenthesis)
    return arguments
  }
}
