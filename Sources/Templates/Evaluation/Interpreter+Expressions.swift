import OrderedCollections

extension Interpreter {
  func evaluate(_ expression: Expression) throws(TemplateError) -> Object {
    try step()
    try descend()
    defer { ascend() }
    switch expression {
    case .literal(let value): return try makeObject(value)
    case .name(let name, _): return lookUp(name)
    case .list(let items): return try makeSequence(try evaluate(items))
    case .tuple(let items): return try makeSequence(try evaluate(items), .tuple)
    case .dict(let entries, let position): return try evaluateDict(entries, position)
    case .attribute(let base, let name, let position):
      return try evaluate(base, position) { (base) throws(TemplateError) in try attribute(name, of: base) }
    case .item(let base, let key, let position):
      return try evaluate(base, position) { (base) throws(TemplateError) in
        try item(try evaluate(key), of: base)
      }
    case .slice(let base, let from, let to, let step, let position):
      return try evaluateSlice(base, from, to, step, position)
    case .call(let callee, let arguments, let position): return try evaluateCall(callee, arguments, position)
    case .filter(let base, let filter): return try apply(filter, to: try evaluate(base))
    case .test(let operand, let test): return .bool(try holds(test, for: try evaluate(operand)))
    case .unary(let operation, let operand, let position):
      return try evaluate(operand, position) { (operand) throws(TemplateError) in
        try apply(operation, operand)
      }
    case .binary(let operation, let left, let right, let position):
      return try evaluate(left, position) { (left) throws(TemplateError) in
        try apply(operation, left, try evaluate(right))
      }
    case .concatenation(let parts): return try evaluateConcatenation(parts)
    case .comparison(let first, let rest, let position): return try evaluateComparison(first, rest, position)
    case .and(let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? try evaluate(right) : value
    case .or(let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? value : try evaluate(right)
    case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
    case .conditional(let condition, let then, let otherwise, _):
      if try evaluate(condition).isTrue { return try evaluate(then) }
      guard let otherwise else {
        return .undefined(.other("the value of an 'if' without 'else' is undefined"))
      }
      return try evaluate(otherwise)
    }
  }

  /// Evaluates an operand and goes on with it; errors get `position` unless they know better.
  private func evaluate(
    _ operand: Expression, _ position: Position, then use: (Object) throws(TemplateError) -> Object
  ) throws(TemplateError) -> Object {
    let value = try evaluate(operand)
    do throws(TemplateError) {
      return try use(value)
    } catch {
      throw error.located(at: position)
    }
  }

  func lookUp(_ name: Name) -> Object {
    scope.value(of: name) ?? .undefined(.variable(name.string))
  }

  func evaluate(_ items: [Expression]) throws(TemplateError) -> [Object] {
    var objects: [Object] = []
    objects.reserveCapacity(items.count)
    for item in items { objects.append(try evaluate(item)) }
    return objects
  }

  private func evaluateDict(
    _ entries: [(key: Expression, value: Expression)], _ position: Position
  ) throws(TemplateError) -> Object {
    var mapping: OrderedDictionary<Key, Object> = [:]
    for (key, value) in entries {
      let object = try evaluate(key)
      guard let key = try makeKey(object) else {
        throw TemplateError("a value of type \(object.typeName) cannot be a key", at: position)
      }
      mapping[key] = try evaluate(value)
    }
    return .mapping(try makeMapping(mapping))
  }

  private func evaluateConcatenation(_ parts: [Expression]) throws(TemplateError) -> Object {
    var result = Text()
    for part in parts {
      let text = try string(try evaluate(part))
      try reserve(bytes: text.count)
      result.append(text)
    }
    return .string(result)
  }

  private func evaluateSlice(
    _ base: Expression, _ from: Expression?, _ to: Expression?, _ step: Expression?, _ position: Position
  ) throws(TemplateError) -> Object {
    let base = try evaluate(base)
    var bounds: [Object] = []
    for bound in [from, to, step] {
      bounds.append(try bound.map { (b) throws(TemplateError) in try evaluate(b) } ?? .null)
    }
    do throws(TemplateError) {
      return try slice(base, from: bounds[0], to: bounds[1], step: bounds[2])
    } catch {
      throw error.located(at: position)
    }
  }

  private func evaluateComparison(
    _ first: Expression, _ rest: [(comparison: ComparisonOperator, right: Expression)], _ position: Position
  ) throws(TemplateError) -> Object {
    var left = try evaluate(first)
    for (comparison, right) in rest {
      let right = try evaluate(right)
      do throws(TemplateError) {
        guard try compare(left, comparison, right) else { return .bool(false) }
      } catch {
        throw error.located(at: position)
      }
      left = right
    }
    return .bool(true)
  }
}
