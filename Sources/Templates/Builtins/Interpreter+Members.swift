// Attributes and items. Methods are attributes, so these functions need the tables of methods.

extension Interpreter {
  /// `object.name`: a method or attribute comes before a key of a dictionary.
  func attribute(_ name: String, of object: Object) throws(TemplateError) -> Object {
    if case .undefined(let undefined) = object { throw undefined.error }
    try read(bytes: name.utf8.count)
    if let member = member(name, of: object) { return member }
    if case .mapping(let mapping) = object, let value = mapping.entries[.string(Text(name))] { return value }
    return .undefined(.member(name, of: object.typeName))
  }

  /// `object[key]`: a key comes before a method or attribute.
  func item(_ key: Object, of object: Object) throws(TemplateError) -> Object {
    switch object {
    case .undefined(let undefined): throw undefined.error
    case .mapping(let mapping):
      if let key = try makeKey(key), let value = mapping.entries[key] { return value }
    case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
      if let index = key.index {
        return element(index, count: sequence.elements.count) { sequence.elements[$0] }
          ?? .undefined(.element(index, of: object.typeName))
      }
    case .range(let range):
      if let index = key.index {
        return element(index, count: range.count) { .int(range[$0]) }
          ?? .undefined(.element(index, of: object.typeName))
      }
    case .string(let text):
      if let index = key.index {
        try read(bytes: 2 * text.count)
        return element(index, count: text.scalarCount) {
          let start = text.offset(ofScalar: $0)
          return .string(text[start..<start + text.scalarLength(at: start)])
        } ?? .undefined(.element(index, of: object.typeName))
      }
    default: break
    }
    if case .string(let name) = key {
      try read(bytes: name.count)
      return member(name.string, of: object) ?? .undefined(.member(name.string, of: object.typeName))
    }
    let description = key.isUndefined ? "undefined" : try represent(key).string
    return .undefined(.member(description, of: object.typeName))
  }

  private func element(_ index: Int, count: Int, _ element: (Int) -> Object) -> Object? {
    let position = index < 0 ? index + count : index
    return position >= 0 && position < count ? element(position) : nil
  }

  /// A bound method or an attribute that is not a key.
  private func member(_ name: String, of object: Object) -> Object? {
    switch object {
    case .loop(let loop): return loop.attribute(name)
    case .namespace(let namespace): return namespace.entries[.string(Text(name))]
    default:
      return Methods.method(name, of: object).map {
        .callable(CallableObject("<method '\(name)' of '\(object.typeName)'>", $0))
      }
    }
  }
}
