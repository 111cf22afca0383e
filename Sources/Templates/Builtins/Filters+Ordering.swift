// Sorting, extremes, distinct elements, groups and sums. Letter case is ignored unless asked for.

extension Filters {
  static func sort(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'sort'", ["reverse", "case_sensitive", "attribute"])
    let ignoresCase = !arguments.bool(1, default: false)
    var readers: [(Object) throws(TemplateError) -> Object] = []
    if case .string(let names)? = arguments[2] {
      try interpreter.convert(bytes: names.count)
      for name in names.split(separator: ",") {
        readers.append(try interpreter.attributeReader(.string(name)))
      }
    } else {
      readers = [try interpreter.attributeReader(arguments[2])]
    }
    let sorted = try interpreter.sorted(
      try interpreter.iterate(object), descending: arguments.bool(0, default: false)
    ) { (element) throws(TemplateError) in
      var keys: [Object] = []
      for reader in readers {
        keys.append(ignoresCase ? try interpreter.lowercased(try reader(element)) : try reader(element))
      }
      return try interpreter.makeSequence(keys)
    }
    return try interpreter.makeSequence(sorted)
  }

  static func dictSort(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'dictsort'", ["case_sensitive", "by", "reverse"])
    guard case .mapping(let mapping) = object else {
      if case .undefined(let undefined) = object { throw undefined.error }
      throw TemplateError("filter 'dictsort' needs a dict, got \(object.typeName)")
    }
    let by = try arguments.optionalText(1)?.string ?? "key"
    guard by == "key" || by == "value" else {
      throw TemplateError("filter 'dictsort' sorts by 'key' or 'value'")
    }
    let ignoresCase = !arguments.bool(0, default: false)
    let sorted = try interpreter.sorted(
      try interpreter.pairs(of: mapping), descending: arguments.bool(2, default: false)
    ) { (pair) throws(TemplateError) in
      let key = try interpreter.item(.int(by == "key" ? 0 : 1), of: pair)
      return ignoresCase ? try interpreter.lowercased(key) : key
    }
    return try interpreter.makeSequence(sorted)
  }

  static func extreme(
    _ name: String, _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter '\(name)'", ["case_sensitive", "attribute"])
    let key = try interpreter.attributeReader(arguments[1])
    let ignoresCase = !arguments.bool(0, default: false)
    var best: (key: Object, element: Object)?
    for element in try interpreter.iterate(object) {
      let key = ignoresCase ? try interpreter.lowercased(try key(element)) : try key(element)
      guard let current = best else {
        best = (key, element)
        continue
      }
      let wins =
        name == "max" ? try interpreter.isLess(current.key, key) : try interpreter.isLess(key, current.key)
      if wins { best = (key, element) }
    }
    return best?.element ?? .undefined(.other("no \(name) item: the sequence is empty"))
  }

  static func unique(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'unique'", ["case_sensitive", "attribute"])
    let key = try interpreter.attributeReader(arguments[1])
    let ignoresCase = !arguments.bool(0, default: false)
    var seen: Set<Key> = []
    var unique: [Object] = []
    for element in try interpreter.iterate(object) {
      let value = ignoresCase ? try interpreter.lowercased(try key(element)) : try key(element)
      guard let key = try interpreter.makeKey(value) else {
        throw TemplateError("filter 'unique' cannot compare values of type \(value.typeName)")
      }
      if seen.insert(key).inserted { unique.append(element) }
    }
    return try interpreter.makeIterator(unique)
  }

  static func groupBy(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind(
      "filter 'groupby'", ["attribute", "default", "case_sensitive"], required: 1)
    let key = try interpreter.attributeReader(arguments[0], default: arguments[1])
    let ignoresCase = !arguments.bool(2, default: false)
    func sortKey(_ element: Object) throws(TemplateError) -> Object {
      ignoresCase ? try interpreter.lowercased(try key(element)) : try key(element)
    }
    var groups: [(key: Object, elements: [Object])] = []
    for element in try interpreter.sorted(try interpreter.iterate(object), descending: false, key: sortKey) {
      let value = try sortKey(element)
      if let last = groups.last, try interpreter.areEqual(last.key, value) {
        groups[groups.count - 1].elements.append(element)
      } else {
        groups.append((value, [element]))
      }
    }
    var result: [Object] = []
    for group in groups {
      let members = try interpreter.makeSequence(group.elements)
      result.append(try interpreter.makeSequence([try key(group.elements[0]), members], .tuple))
    }
    return try interpreter.makeSequence(result)
  }

  static func sum(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'sum'", ["attribute", "start"])
    let key = try interpreter.attributeReader(arguments[0])
    var sum = arguments[1] ?? .int(0)
    if case .string = sum { throw TemplateError("filter 'sum' cannot add strings: use 'join'") }
    for element in try interpreter.iterate(object) {
      sum = try interpreter.apply(.add, sum, try key(element))
    }
    return sum
  }
}

extension Interpreter {
  /// Strings in lower case, other values as they are: most orderings ignore case.
  fileprivate func lowercased(_ object: Object) throws(TemplateError) -> Object {
    guard case .string(let text) = object else { return object }
    try convert(bytes: text.count)
    return try makeText(text.lowercased)
  }
}
