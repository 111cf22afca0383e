import OrderedCollections

extension Filters {
  static func length(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    if case .string(let text) = object { try interpreter.read(bytes: text.count) }
    guard let length = object.length else {
      throw TemplateError("a value of type \(object.typeName) has no length")
    }
    return .int(length)
  }

  static func first(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let first: Object? =
      switch object {
      case .iterator(let iterator): iterator.remaining.popFirst()
      case .sequence(let sequence): sequence.elements.first
      case .string(let text) where !text.isEmpty: .string(text[0..<text.scalarLength(at: 0)])
      default: try interpreter.iterate(object).first
      }
    return first ?? .undefined(.other("no first item: the sequence is empty"))
  }

  static func last(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    if case .iterator = object { throw TemplateError("filter 'last' needs a list: use '|list' before it") }
    if case .sequence(let sequence) = object, let last = sequence.elements.last { return last }
    if case .string(let text) = object, !text.isEmpty {
      return .string(text[text.scalarStart(before: text.count)..<text.count])
    }
    return try interpreter.iterate(object).last ?? .undefined(.other("no last item: the sequence is empty"))
  }

  static func reverse(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    if case .string = object { return try interpreter.slice(object, from: .null, to: .null, step: .int(-1)) }
    return try interpreter.makeIterator(try interpreter.iterate(object).reversed())
  }

  static func items(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    switch object {
    case .undefined: return try interpreter.makeIterator([])
    case .mapping(let mapping): return try interpreter.makeIterator(try interpreter.pairs(of: mapping))
    default: throw TemplateError("filter 'items' needs a dict, got \(object.typeName)")
    }
  }

  static func join(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'join'", ["d", "attribute"])
    let key = try interpreter.attributeReader(arguments[1])
    var pieces: [Text] = []
    for element in try interpreter.iterate(object) { pieces.append(try interpreter.string(try key(element))) }
    return try interpreter.join(pieces, separator: try interpreter.string(arguments[0] ?? .string(Text())))
  }

  static func attribute(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let name = try arguments.bind("filter 'attr'", ["name"], required: 1).text(0)
    if case .mapping = object, Methods.method(name.string, of: object) == nil {
      return .undefined(.member(name.string, of: object.typeName))
    }
    return try interpreter.attribute(name.string, of: object)
  }

  // MARK: Mapping and selecting

  static func map(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    guard object.isTrue else { return try interpreter.makeIterator([]) }
    var mapped: [Object] = []
    if arguments.positional.isEmpty {
      let arguments = try arguments.bind("filter 'map'", ["attribute", "default"], required: 1)
      let key = try interpreter.attributeReader(arguments[0], default: arguments[1])
      for element in try interpreter.iterate(object) { mapped.append(try key(element)) }
    } else {
      guard case .string(let name) = arguments.positional[0] else {
        throw TemplateError(
          "filter 'map' needs the name of a filter, got \(arguments.positional[0].typeName)")
      }
      let rest = Arguments(positional: Array(arguments.positional.dropFirst()), named: arguments.named)
      for element in try interpreter.iterate(object) {
        mapped.append(try interpreter.apply(filter: name.string, rest, to: element))
      }
    }
    return try interpreter.makeIterator(mapped)
  }

  /// `select`, `reject`, `selectattr` and `rejectattr`: elements for which a test holds, or does not.
  static func select(keeps: Bool, byAttribute: Bool, _ filter: String) -> Filter {
    { (object, arguments, interpreter) throws(TemplateError) in
      guard object.isTrue else { return try interpreter.makeIterator([]) }
      var rest = arguments
      var key: (Object) throws(TemplateError) -> Object = { (element) throws(TemplateError) in element }
      if byAttribute {
        guard let attribute = rest.positional.first else {
          throw TemplateError("filter '\(filter)' needs the name of an attribute")
        }
        key = try interpreter.attributeReader(attribute)
        rest.positional.removeFirst()
      }
      let test = rest.positional.first
      rest.positional = Array(rest.positional.dropFirst())
      var kept: [Object] = []
      for element in try interpreter.iterate(object) {
        try interpreter.step()
        let value = try key(element)
        let holds: Bool
        if let test {
          guard case .string(let name) = test else {
            throw TemplateError("filter '\(filter)' needs the name of a test")
          }
          holds = try interpreter.holds(test: name.string, rest, for: value)
        } else {
          holds = value.isTrue
        }
        if holds == keeps { kept.append(element) }
      }
      return try interpreter.makeIterator(kept)
    }
  }

  // MARK: Cutting up

  /// Lists of `linecount` elements each, the last filled up.
  static func batch(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'batch'", ["linecount", "fill_with"], required: 1)
    let size = try arguments.int(0, default: 1)
    guard size > 0 else { throw TemplateError("filter 'batch' needs a 'linecount' of at least 1") }
    let elements = try interpreter.iterate(object)
    var batches: [Object] = []
    var start = 0
    while start < elements.count {
      let end = elements.count - start > size ? start + size : elements.count
      var batch = Array(elements[start..<end])
      if let fill = arguments[1], !isNone(fill) {
        try interpreter.reserve(bytes: MemoryLayout<Object>.stride, times: size - batch.count)
        batch += Array(repeating: fill, count: size - batch.count)
      }
      batches.append(try interpreter.makeSequence(batch))
      start = end
    }
    return try interpreter.makeIterator(batches)
  }

  /// `slices` lists of nearly equal length, the longer ones first.
  static func slice(
    _ object: Object, _ arguments: Arguments, _ interpreter: Interpreter
  ) throws(TemplateError) -> Object {
    let arguments = try arguments.bind("filter 'slice'", ["slices", "fill_with"], required: 1)
    let count = try arguments.int(0, default: 1)
    guard count > 0 else { throw TemplateError("filter 'slice' needs at least 1 slice") }
    let elements = try interpreter.iterate(object)
    let (size, extra) = elements.count.quotientAndRemainder(dividingBy: count)
    var slices: [Object] = []
    var start = 0
    for index in 0..<count {
      let end = start + size + (index < extra ? 1 : 0)
      var slice = Array(elements[start..<end])
      if index >= extra, let fill = arguments[1], !isNone(fill) { slice.append(fill) }
      slices.append(try interpreter.makeSequence(slice))
      start = end
    }
    return try interpreter.makeIterator(slices)
  }

  private static func isNone(_ object: Object) -> Bool {
    if case .null = object { true } else { false }
  }
}

extension Interpreter {
  /// Reads an attribute given as a name, a path with dots or an index; nil or none reads the element itself.
  func attributeReader(
    _ attribute: Object?, default fallback: Object? = nil
  ) throws(TemplateError) -> (Object) throws(TemplateError) -> Object {
    let path: [Object]
    switch attribute {
    case nil, .null: path = []
    case .string(let names):
      try convert(bytes: names.count)
      path = names.split(separator: ".").map { part in
        part.allScalars { ("0"..."9").contains($0) }
          ? Int(part.string).map { .int($0) } ?? .string(part) : .string(part)
      }
    case .int(let index): path = [.int(index)]
    case .some(let other): throw TemplateError("an attribute is a name or a number, not \(other.typeName)")
    }
    return { [self] (element) throws(TemplateError) in
      var value = element
      try step(path.count)
      for key in path {
        value = try item(key, of: value)
        if value.isUndefined, let fallback { value = fallback }
      }
      return value
    }
  }

  /// The entries of a mapping as tuples of key and value.
  func pairs(of mapping: MappingObject) throws(TemplateError) -> [Object] {
    var pairs: [Object] = []
    pairs.reserveCapacity(mapping.entries.count)
    for (key, value) in mapping.entries { pairs.append(try makeSequence([key.object, value], .tuple)) }
    return pairs
  }
}
