extension Interpreter {
  func compare(
    _ left: Object, _ comparison: ComparisonOperator, _ right: Object
  ) throws(TemplateError) -> Bool {
    switch comparison {
    case .equal: return try areEqual(left, right)
    case .notEqual: return try !areEqual(left, right)
    case .less: return try isLess(left, right)
    case .greater: return try isLess(right, left)
    case .lessOrEqual: return try isLessOrEqual(left, right)
    case .greaterOrEqual: return try isLessOrEqual(right, left)
    case .isIn: return try contains(right, left)
    case .isNotIn: return try !contains(right, left)
    }
  }

  func areEqual(_ left: Object, _ right: Object) throws(TemplateError) -> Bool {
    try step()
    switch (left, right) {
    case (.string(let left), .string(let right)):
      guard left.count == right.count else { return false }
      try read(bytes: left.count)
      return left == right
    case (.null, .null), (.undefined, .undefined): return true
    case (.sequence(let left), .sequence(let right)):
      if left === right { return true }
      return left.kind == right.kind ? try areEqual(left.elements, right.elements) : false
    case (.mapping(let left), .mapping(let right)): return try areEqual(left, right)
    case (.namespace(let left), .namespace(let right)): return left === right
    case (.range(let left), .range(let right)):
      guard left.count == right.count else { return false }
      return left.count == 0 || left.start == right.start && (left.count == 1 || left.step == right.step)
    case (.iterator(let left), .iterator(let right)): return left === right
    case (.callable(let left), .callable(let right)): return left === right
    case (.loop(let left), .loop(let right)): return left === right
    default:
      if let left = left.index, let right = right.index { return left == right }
      if let left = left.number, let right = right.number { return left == right }
      return false
    }
  }

  private func areEqual(_ left: [Object], _ right: [Object]) throws(TemplateError) -> Bool {
    guard left.count == right.count else { return false }
    try descend()
    defer { ascend() }
    for (left, right) in zip(left, right) where try !areEqual(left, right) { return false }
    return true
  }

  private func areEqual(_ left: MappingObject, _ right: MappingObject) throws(TemplateError) -> Bool {
    if left === right { return true }
    guard left.entries.count == right.entries.count else { return false }
    try descend()
    defer { ascend() }
    for (key, value) in left.entries {
      try read(bytes: key.byteCount)
      guard let other = right.entries[key] else { return false }
      guard try areEqual(value, other) else { return false }
    }
    return true
  }

  /// Python's `<`, for two numbers, strings, lists or tuples.
  func isLess(_ left: Object, _ right: Object) throws(TemplateError) -> Bool {
    try step()
    for case .undefined(let undefined) in [left, right] { throw undefined.error }
    switch (left, right) {
    case (.string(let left), .string(let right)):
      try read(bytes: min(left.count, right.count))
      return left.utf8.lexicographicallyPrecedes(right.utf8)
    case (.sequence(let left), .sequence(let right)) where left.kind == right.kind:
      try descend()
      defer { ascend() }
      for (left, right) in zip(left.elements, right.elements) where try !areEqual(left, right) {
        return try isLess(left, right)
      }
      return left.elements.count < right.elements.count
    default:
      if let left = left.index, let right = right.index { return left < right }
      if let left = left.number, let right = right.number { return left < right }
      throw TemplateError("\(left.typeName) and \(right.typeName) cannot be ordered")
    }
  }

  private func isLessOrEqual(_ left: Object, _ right: Object) throws(TemplateError) -> Bool {
    // Not "not greater": comparisons with NaN are all false.
    if case .float = left, let left = left.number, let right = right.number { return left <= right }
    if case .float = right, let left = left.number, let right = right.number { return left <= right }
    return try !isLess(right, left)
  }

  /// Python's `element in container`.
  func contains(_ container: Object, _ element: Object) throws(TemplateError) -> Bool {
    switch container {
    case .string(let text):
      guard case .string(let part) = element else {
        throw TemplateError("only a string can be in a string, not \(element.typeName)")
      }
      try read(bytes: text.count + part.count)
      return text.contains(part)
    case .mapping(let mapping):
      guard let key = try makeKey(element) else {
        if element.isUndefined { return false }
        throw TemplateError("a value of type \(element.typeName) cannot be a key")
      }
      return mapping.entries[key] != nil
    case .namespace, .null, .bool, .int, .float, .callable:
      throw TemplateError("'in' cannot look into a value of type \(container.typeName)")
    default:
      for candidate in try iterate(container) where try areEqual(candidate, element) { return true }
      return false
    }
  }

  /// Stable merge sort by keys; Swift's `sort` does not pass on typed errors.
  func sorted(
    _ items: [Object], descending: Bool, key: (Object) throws(TemplateError) -> Object
  ) throws(TemplateError) -> [Object] {
    var keyed: [(key: Object, item: Object)] = []
    for item in items { keyed.append((try key(item), item)) }
    var width = 1
    while width < keyed.count {
      var merged: [(key: Object, item: Object)] = []
      merged.reserveCapacity(keyed.count)
      for start in stride(from: 0, to: keyed.count, by: 2 * width) {
        let middle = min(start + width, keyed.count)
        let end = min(start + 2 * width, keyed.count)
        var (left, right) = (start, middle)
        while left < middle, right < end {
          let (a, b) = (keyed[left].key, keyed[right].key)
          let takesRight = descending ? try isLess(a, b) : try isLess(b, a)
          merged.append(keyed[takesRight ? right : left])
          if takesRight { right += 1 } else { left += 1 }
        }
        merged += keyed[left..<middle]
        merged += keyed[right..<end]
      }
      keyed = merged
      width *= 2
    }
    return keyed.map(\.item)
  }
}
