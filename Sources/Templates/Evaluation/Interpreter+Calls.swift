import OrderedCollections

// Functions, methods, macros, filters and tests.

extension Interpreter {
  func evaluate(_ list: ArgumentList) throws(TemplateError) -> Arguments {
    var arguments = Arguments(positional: try evaluate(list.positional))
    for (name, value) in list.named { arguments.named.append((name, try evaluate(value))) }
    if let unpacked = list.unpacked { arguments.positional += try iterate(try evaluate(unpacked)) }
    if let unpacked = list.unpackedNamed {
      guard case .mapping(let mapping) = try evaluate(unpacked) else {
        throw TemplateError("'**' in a call needs a dict")
      }
      try step(mapping.entries.count)
      for (key, value) in mapping.entries {
        guard case .string(let name) = key else {
          throw TemplateError("'**' in a call needs strings as keys")
        }
        try read(bytes: name.count)
        arguments.named.append((name.string, value))
      }
    }
    return arguments
  }

  func evaluateCall(
    _ callee: Expression, _ list: ArgumentList, _ position: Position
  ) throws(TemplateError) -> Object {
    do {
      // Methods are by far the most frequent calls; this way no bound method is made for them.
      if case .attribute(let base, let name, _) = callee {
        let base = try evaluate(base)
        try read(bytes: name.utf8.count)
        if let method = Methods.method(name, of: base) { return try method(try evaluate(list), self) }
        return try call(try attribute(name, of: base), try evaluate(list))
      }
      return try call(try evaluate(callee), try evaluate(list))
    } catch {
      throw error.located(at: position)
    }
  }

  func call(_ callee: Expression, _ arguments: Arguments) throws(TemplateError) -> Object {
    try call(try evaluate(callee), arguments)
  }

  func call(_ callee: Object, _ arguments: Arguments) throws(TemplateError) -> Object {
    switch callee {
    case .callable(let callable): return try callable.function(arguments, self)
    case .loop(let loop):
      guard let recurse = loop.recurse else { throw TemplateError("this loop is not marked 'recursive'") }
      return try recurse.function(arguments, self)
    case .undefined(let undefined): throw undefined.error
    default: throw TemplateError("a value of type \(callee.typeName) cannot be called")
    }
  }

  // MARK: Macros

  func makeMacro(_ macro: Statement.Macro) -> CallableObject {
    let definition = scope
    return CallableObject("<Macro '\(macro.name.string)'>") {
      (arguments, interpreter) throws(TemplateError) in
      .string(
        try interpreter.capturing { () throws(TemplateError) in
          try interpreter.scoped(in: definition) { () throws(TemplateError) in
            try interpreter.bind(arguments, to: macro)
            _ = try interpreter.execute(macro.body)
          }
        })
    }
  }

  /// Sets the parameters of a macro in the current scope.
  private func bind(_ arguments: Arguments, to macro: Statement.Macro) throws(TemplateError) {
    try step(macro.parameters.count + arguments.named.count)
    var named: [Object?] = arguments.named.map(\.value)
    let places = Dictionary(
      arguments.named.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    func removeNamed(_ name: String) -> Object? {
      places[name].flatMap { place in
        defer { named[place] = nil }
        return named[place]
      }
    }
    var missing: [(name: Name, fallback: Expression?)] = []
    for (index, parameter) in macro.parameters.enumerated() {
      if index < arguments.positional.count {
        scope.set(parameter.name, to: arguments.positional[index])
      } else if let value = removeNamed(parameter.name.string) {
        scope.set(parameter.name, to: value)
      } else {
        scope.set(
          parameter.name, to: .undefined(.other("parameter '\(parameter.name.string)' was not provided")))
        missing.append(parameter)
      }
    }
    if macro.usesCaller {
      scope.set(.caller, to: removeNamed("caller") ?? .undefined(.other("there is no caller")))
    }
    let rest = zip(arguments.named, named).filter { $0.1 != nil }.map(\.0)
    if macro.usesKwargs {
      let entries = rest.map { (Key.string(Text($0.name)), $0.value) }
      scope.set(
        .kwargs,
        to: .mapping(
          try makeMapping(OrderedDictionary(entries, uniquingKeysWith: { _, last in last }))))
    } else if let extra = rest.first {
      throw TemplateError("macro '\(macro.name.string)' has no parameter '\(extra.name)'")
    }
    if macro.usesVarargs {
      scope.set(
        .varargs,
        to: try makeSequence(
          Array(arguments.positional.dropFirst(macro.parameters.count)), .tuple))
    } else if arguments.positional.count > macro.parameters.count {
      throw TemplateError(
        "macro '\(macro.name.string)' takes at most \(macro.parameters.count) arguments, "
          + "got \(arguments.positional.count)"
      )
    }
    // Defaults come last: they may speak of other parameters.
    for parameter in missing {
      if let fallback = parameter.fallback { scope.set(parameter.name, to: try evaluate(fallback)) }
    }
  }

  // MARK: Filters and tests

  func apply(_ filters: [FilterCall], to object: Object) throws(TemplateError) -> Object {
    var object = object
    for filter in filters { object = try apply(filter, to: object) }
    return object
  }

  func apply(_ filter: FilterCall, to object: Object) throws(TemplateError) -> Object {
    do {
      return try apply(filter: filter.name, try evaluate(filter.arguments), to: object)
    } catch {
      throw error.located(at: filter.position)
    }
  }

  func holds(_ test: TestCall, for object: Object) throws(TemplateError) -> Bool {
    do {
      return try holds(test: test.name, try evaluate(test.arguments), for: object)
    } catch {
      throw error.located(at: test.position)
    }
  }
}
