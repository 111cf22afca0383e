extension Interpreter {
  /// The way a statement ended.
  enum Flow { case normal, breakLoop, continueLoop }

  /// Renders the statements of a whole template; afterwards no object that was made can be used.
  func render(_ statements: [Statement]) throws(TemplateError) -> Text {
    defer { dismantle() }
    _ = try execute(statements)
    return output
  }

  func execute(_ statements: [Statement]) throws(TemplateError) -> Flow {
    try descend()
    defer { ascend() }
    for statement in statements {
      try step()
      let flow = try execute(statement)
      if flow != .normal { return flow }
    }
    return .normal
  }

  private func execute(_ statement: Statement) throws(TemplateError) -> Flow {
    switch statement {
    case .text(let text): try write(text)
    case .output(let expression, let position):
      do throws(TemplateError) {
        try write(try string(try evaluate(expression)))
      } catch {
        throw error.located(at: position)
      }
    case .conditional(let branches, let otherwise):
      for (condition, body) in branches where try evaluate(condition).isTrue { return try execute(body) }
      return try execute(otherwise)
    case .loop(let loop):
      do throws(TemplateError) {
        try run(loop, over: try iterate(try evaluate(loop.iterable)))
      } catch {
        throw error.located(at: loop.position)
      }
    case .set(let target, let expression, let position):
      do throws(TemplateError) {
        try assign(try evaluate(expression), to: target)
      } catch {
        throw error.located(at: position)
      }
    case .setBlock(let target, let filters, let body, let position):
      let (text, flow) = try capture(body)
      // A jump out of the block leaves nothing of it.
      guard flow == .normal else { return flow }
      do throws(TemplateError) {
        try assign(try apply(filters, to: .string(text)), to: target)
      } catch {
        throw error.located(at: position)
      }
    case .with(let bindings, let body, let position): return try runWith(bindings, body, position)
    case .macro(let macro):
      retain(scope)
      scope.set(macro.name, to: .callable(makeMacro(macro)))
    case .call(let caller, let callee, let arguments, let position):
      do throws(TemplateError) {
        retain(scope)
        var arguments = try evaluate(arguments)
        arguments.named.append(("caller", .callable(makeMacro(caller))))
        try write(try string(try call(callee, arguments)))
      } catch {
        throw error.located(at: position)
      }
    case .filter(let filters, let body):
      let (text, flow) = try capture(body)
      // A jump out of the block leaves nothing of it.
      guard flow == .normal else { return flow }
      guard case .string(let filtered) = try apply(filters, to: .string(text)) else {
        throw TemplateError("the filters of this block do not give a string", at: filters.last?.position)
      }
      try write(filtered)
    case .group(let body): return try scoped { () throws(TemplateError) in try execute(body) }
    case .breakLoop: return .breakLoop
    case .continueLoop: return .continueLoop
    }
    return .normal
  }

  private func capture(_ body: [Statement]) throws(TemplateError) -> (Text, Flow) {
    var flow = Flow.normal
    let text = try capturing { () throws(TemplateError) in
      flow = try scoped { () throws(TemplateError) in try execute(body) }
    }
    return (text, flow)
  }

  private func runWith(
    _ bindings: [(target: Target, value: Expression)], _ body: [Statement], _ position: Position
  ) throws(TemplateError) -> Flow {
    // Values are evaluated outside: `{% with a = b, b = a %}` exchanges the two.
    var values: [Object] = []
    for binding in bindings { values.append(try evaluate(binding.value)) }
    return try scoped { () throws(TemplateError) in
      do throws(TemplateError) {
        for (binding, value) in zip(bindings, values) { try assign(value, to: binding.target) }
      } catch {
        throw error.located(at: position)
      }
      return try execute(body)
    }
  }

  func assign(_ value: Object, to target: Target) throws(TemplateError) {
    switch target {
    case .name(let name): scope.set(name, to: value)
    case .attribute(let name, let attribute, let position):
      guard case .namespace(let namespace) = lookUp(name) else {
        throw TemplateError(
          "only attributes of a namespace can be set, and '\(name.string)' is none", at: position)
      }
      try reserve(bytes: MemoryLayout<Object>.stride)
      namespace.entries[.string(Text(attribute))] = value
    case .tuple(let targets, let position):
      do throws(TemplateError) {
        let values = try iterate(value)
        guard values.count == targets.count else {
          throw TemplateError("cannot unpack \(values.count) values into \(targets.count) names")
        }
        for (target, value) in zip(targets, values) { try assign(value, to: target) }
      } catch {
        throw error.located(at: position)
      }
    }
  }

  // MARK: Loops

  private func run(_ loop: Statement.Loop, over all: [Object], depth: Int = 0) throws(TemplateError) {
    try reserve(bytes: all.count)
    let items = try filtered(all, loop)
    let outer = scope
    let recurse = loop.isRecursive ? makeRecursion(loop, in: outer, depth: depth + 1) : nil
    let object = LoopObject(items: items, depth: depth, recurse: recurse)
    defer { scope = outer }
    var inner = Scope(parent: outer)
    var hasFinishedBody = false
    for (index, item) in items.enumerated() {
      try step()
      object.index = index
      // Iterations share a scope unless a macro defined in one keeps it.
      if isKnownUniquelyReferenced(&inner) { inner.removeAll() } else { inner = Scope(parent: outer) }
      scope = inner
      scope.set(.loop, to: .loop(object))
      try assign(item, to: loop.target)
      let flow = try execute(loop.body)
      scope = outer
      if flow == .normal { hasFinishedBody = true }
      if flow == .breakLoop { break }
    }
    // As in Jinja, `else` also runs when `continue` or `break` cut every iteration short.
    if !hasFinishedBody { _ = try scoped { () throws(TemplateError) in try execute(loop.otherwise) } }
  }

  private func filtered(_ items: [Object], _ loop: Statement.Loop) throws(TemplateError) -> [Object] {
    guard let filter = loop.filter else { return items }
    var kept: [Object] = []
    for item in items {
      let isKept = try scoped { () throws(TemplateError) in
        try assign(item, to: loop.target)
        return try evaluate(filter).isTrue
      }
      if isKept { kept.append(item) }
    }
    return kept
  }

  private func makeRecursion(_ loop: Statement.Loop, in outer: Scope, depth: Int) -> CallableObject {
    CallableObject("<loop>") { (arguments, interpreter) throws(TemplateError) in
      let items = try arguments.bind("loop()", ["iterable"], required: 1).object(0)
      let inner = interpreter.scope
      interpreter.scope = outer
      defer { interpreter.scope = inner }
      return .string(
        try interpreter.capturing { () throws(TemplateError) in
          try interpreter.run(loop, over: try interpreter.iterate(items), depth: depth)
        })
    }
  }
}
