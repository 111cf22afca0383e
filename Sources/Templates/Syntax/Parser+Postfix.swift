// Postfix expressions: attributes, subscripts, calls, filters and tests.

extension Parser {
  mutating func parsePostfix(_ base: Expression) throws(TemplateError) -> Expression {
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

  mutating func parseFiltersAndTests(_ base: Expression) throws(TemplateError) -> Expression {
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
    if !library.filters.contains(name) { noteUnknown("filter", name, at: position) }
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
    if !library.tests.contains(name) { noteUnknown("test", name, at: position) }
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
    var arguments = ArgumentList(), names: Set<String> = []
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
        guard arguments.unpackedNamed == nil, names.insert(name).inserted else {
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
