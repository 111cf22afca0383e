// Tags, and the targets that they assign to.

extension Parser {
  /// Parses up to the end tag named in `ends`, whose name is consumed, or the end of the template for no tag.
  mutating func parseBody(
    of tag: (name: String, position: Position)?, until ends: Set<String>
  ) throws(TemplateError) -> (statements: [Statement], end: String) {
    try descend()
    defer { ascend() }
    var statements: [Statement] = []
    while true {
      switch current.kind {
      case .data(let text):
        statements.append(.text(text))
        advance()
      case .variableStart:
        let position = advance().position
        let expression = try parseTuple()
        guard current.kind == .variableEnd else { throw expected("'}}'") }
        try finishTag()
        statements.append(.output(expression, position))
      case .blockStart:
        advance()
        guard case .name(let name) = current.kind else { throw expected("the name of a tag") }
        let position = position
        advance()
        if ends.contains(name) { return (statements, name) }
        statements.append(try parseStatement(name, at: position, in: tag, ends))
      default:
        guard let tag else { return (statements, "") }
        throw TemplateError("'\(tag.name)' is never closed with \(Self.list(ends))", at: tag.position)
      }
    }
  }

  private static func list(_ names: Set<String>) -> String {
    names.sorted().map { "'{% \($0) %}'" }.joined(separator: " or ")
  }

  private mutating func parseStatement(
    _ name: String, at position: Position, in tag: (name: String, position: Position)?, _ ends: Set<String>
  ) throws(TemplateError) -> Statement {
    switch name {
    case "if": return try parseIf(position)
    case "for": return try parseFor(position)
    case "set": return try parseSet(position)
    case "with": return try parseWith(position)
    case "macro": return try parseMacro(position)
    case "call": return try parseCallBlock(position)
    case "filter": return try parseFilterBlock(position)
    case "generation":
      return .group(try parseScopedBody(of: (name, position), until: ["endgeneration"], isFunction: true))
    case "break", "continue":
      guard loopDepth > 0 else { throw TemplateError("'\(name)' outside a loop", at: position) }
      try expectBlockEnd()
      return name == "break" ? .breakLoop : .continueLoop
    default:
      if let tag, name.hasPrefix("end") || name == "else" || name == "elif" {
        throw TemplateError(
          "unexpected '\(name)': '\(tag.name)' needs \(Self.list(ends)) first", at: position)
      }
      throw TemplateError("there is no tag '\(name)'", at: position)
    }
  }

  /// Parses a body with its own scope, and its end tag.
  private mutating func parseScopedBody(
    of tag: (name: String, position: Position), until ends: Set<String>, isFunction: Bool = false
  ) throws(TemplateError) -> [Statement] {
    let (outerLoopDepth, wasConditional) = (loopDepth, isConditional)
    defer { (loopDepth, isConditional) = (outerLoopDepth, wasConditional) }
    if isFunction { loopDepth = 0 }
    isConditional = false
    _ = skip(.colon)
    try expectBlockEnd()
    let body = try parseBody(of: tag, until: ends)
    try expectBlockEnd()
    return body.statements
  }

  private mutating func parseIf(_ position: Position) throws(TemplateError) -> Statement {
    let wasConditional = isConditional
    isConditional = true
    defer { isConditional = wasConditional }
    var branches: [(condition: Expression, body: [Statement])] = []
    var otherwise: [Statement] = []
    while true {
      let condition = try parseTuple(allowsConditional: false)
      _ = skip(.colon)
      try expectBlockEnd()
      let (body, end) = try parseBody(of: ("if", position), until: ["elif", "else", "endif"])
      branches.append((condition, body))
      if end == "elif" { continue }
      if end == "else" {
        _ = skip(.colon)
        try expectBlockEnd()
        otherwise = try parseBody(of: ("if", position), until: ["endif"]).statements
      }
      try expectBlockEnd()
      return .conditional(branches, otherwise: otherwise)
    }
  }

  private mutating func parseFor(_ position: Position) throws(TemplateError) -> Statement {
    let targetPosition = self.position
    let target = try parseTarget(allowsAttributes: false, until: "in")
    if target.names.contains(.loop) {
      throw TemplateError("a loop cannot assign to 'loop'", at: targetPosition)
    }
    try expect(name: "in")
    let iterable = try parseTuple(allowsConditional: false, until: "recursive")
    let wasConditional = isConditional
    isConditional = false
    defer { isConditional = wasConditional }
    let filter = skip(name: "if") ? try parseExpression() : nil
    let isRecursive = skip(name: "recursive")
    _ = skip(.colon)
    try expectBlockEnd()
    loopDepth += 1
    defer { loopDepth -= 1 }
    let (body, end) = try parseBody(of: ("for", position), until: ["endfor", "else"])
    var otherwise: [Statement] = []
    if end == "else" {
      _ = skip(.colon)
      try expectBlockEnd()
      loopDepth -= 1
      defer { loopDepth += 1 }
      otherwise = try parseBody(of: ("for", position), until: ["endfor"]).statements
    }
    try expectBlockEnd()
    return .loop(
      Statement.Loop(
        target: target, iterable: iterable, filter: filter, isRecursive: isRecursive, body: body,
        otherwise: otherwise, position: position))
  }

  private mutating func parseSet(_ position: Position) throws(TemplateError) -> Statement {
    let target = try parseTarget(allowsAttributes: true)
    if skip(.assign) {
      let value = try parseTuple()
      try expectBlockEnd()
      return .set(target, value, position)
    }
    let wasConditional = isConditional
    isConditional = false
    defer { isConditional = wasConditional }
    var filters: [FilterCall] = []
    while skip(.pipe) { filters.append(try parseFilterCall()) }
    let body = try parseScopedBody(of: ("set", position), until: ["endset"])
    return .setBlock(target, filters: filters, body: body, position)
  }

  private mutating func parseWith(_ position: Position) throws(TemplateError) -> Statement {
    var bindings: [(target: Target, value: Expression)] = []
    while current.kind != .blockEnd {
      if !bindings.isEmpty { try expect(.comma) }
      let target = try parseTarget(allowsAttributes: false)
      try expect(.assign)
      bindings.append((target, try parseExpression()))
    }
    return .with(bindings, body: try parseScopedBody(of: ("with", position), until: ["endwith"]), position)
  }

  private mutating func parseFilterBlock(_ position: Position) throws(TemplateError) -> Statement {
    let wasConditional = isConditional
    isConditional = false
    defer { isConditional = wasConditional }
    var filters = [try parseFilterCall()]
    while skip(.pipe) { filters.append(try parseFilterCall()) }
    return .filter(filters, body: try parseScopedBody(of: ("filter", position), until: ["endfilter"]))
  }

  private mutating func parseMacro(_ position: Position) throws(TemplateError) -> Statement {
    let name = names.intern(try expectName())
    let parameters = try parseParameters()
    return .macro(try parseMacroBody(name, parameters, of: ("macro", position), until: "endmacro"))
  }

  private mutating func parseCallBlock(_ position: Position) throws(TemplateError) -> Statement {
    let parameters = isSymbol(.openParenthesis) ? try parseParameters() : []
    let callPosition = self.position
    guard case .call(let callee, let arguments, _) = try parseExpression() else {
      throw TemplateError("expected a call of a macro", at: callPosition)
    }
    let caller = try parseMacroBody(.caller, parameters, of: ("call", position), until: "endcall")
    return .call(caller: caller, callee: callee, arguments, position)
  }

  private mutating func parseParameters() throws(TemplateError) -> [(name: Name, fallback: Expression?)] {
    var parameters: [(name: Name, fallback: Expression?)] = [], names: Set<Name> = []
    try expect(.openParenthesis)
    while !isSymbol(.closeParenthesis) {
      if !parameters.isEmpty { try expect(.comma) }
      let position = position
      guard case .name(let name) = try parseTarget(allowsAttributes: false, until: nil, allowsTuple: false)
      else {
        throw TemplateError("expected the name of a parameter", at: position)
      }
      if !names.insert(name).inserted {
        throw TemplateError("parameter '\(name.string)' appears twice", at: position)
      }
      let fallback = skip(.assign) ? try parseExpression() : nil
      if fallback == nil, parameters.last?.fallback != nil {
        throw TemplateError(
          "parameter '\(name.string)' without a default follows one with a default", at: position)
      }
      parameters.append((name, fallback))
    }
    try expect(.closeParenthesis)
    return parameters
  }

  private mutating func parseMacroBody(
    _ name: Name, _ parameters: [(name: Name, fallback: Expression?)],
    of tag: (name: String, position: Position), until end: String
  ) throws(TemplateError) -> Statement.Macro {
    specialNames.append([])
    let body = try parseScopedBody(of: tag, until: [end], isFunction: true)
    let uses = specialNames.removeLast().subtracting(parameters.map(\.name))
    return Statement.Macro(
      name: name, parameters: parameters, body: body, usesVarargs: uses.contains(.varargs),
      usesKwargs: uses.contains(.kwargs), usesCaller: uses.contains(.caller))
  }
}

// MARK: - Targets

extension Parser {
  mutating func parseTarget(
    allowsAttributes: Bool, until end: String? = nil, allowsTuple: Bool = true
  ) throws(TemplateError) -> Target {
    let position = position
    var targets: [Target] = []
    var isTuple = false
    while true {
      if !targets.isEmpty, isTargetEnd(end) { break }
      targets.append(try parseTargetItem(allowsAttributes))
      guard allowsTuple, skip(.comma) else { break }
      isTuple = true
    }
    return isTuple ? .tuple(targets, position) : targets[0]
  }

  private func isTargetEnd(_ end: String?) -> Bool {
    current.kind == .blockEnd || isSymbol(.closeParenthesis) || isSymbol(.assign) || end.map(isName) ?? false
  }

  private mutating func parseTargetItem(_ allowsAttributes: Bool) throws(TemplateError) -> Target {
    try descend()
    defer { ascend() }
    let position = position
    if skip(.openParenthesis) {
      let target = try parseTarget(allowsAttributes: allowsAttributes)
      try expect(.closeParenthesis)
      return target
    }
    guard case .name(let name) = current.kind else { throw expected("a name to assign to") }
    guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
      throw TemplateError("cannot assign to '\(name)'", at: position)
    }
    advance()
    if allowsAttributes, skip(.dot) {
      return .attribute(use(name), try expectName(), position)
    }
    return .name(names.intern(name))
  }
}
