import OrderedCollections

// Lists and dictionaries can be changed, unlike in Jinja's immutable sandbox: templates in use rely on it,
// and nothing outlives the rendering.

extension Methods {
  static let mappings: [String: Method<MappingObject>] = [
    "copy": { (mapping, _, interpreter) throws(TemplateError) in
      .mapping(try interpreter.makeMapping(mapping.entries))
    },
    "get": { (mapping, arguments, interpreter) throws(TemplateError) in
      let arguments = try arguments.bind("get()", ["key", "default"], required: 1)
      guard let object = arguments[0], let key = try interpreter.makeKey(object) else {
        if arguments[0]?.isUndefined == true { return arguments[1] ?? .null }
        throw TemplateError("a value of type \(arguments[0]?.typeName ?? "none") cannot be a key")
      }
      return mapping.entries[key] ?? arguments[1] ?? .null
    },
    "items": { (mapping, _, interpreter) throws(TemplateError) in
      try interpreter.makeSequence(try interpreter.pairs(of: mapping), .items)
    },
    "keys": { (mapping, _, interpreter) throws(TemplateError) in
      try interpreter.makeSequence(mapping.entries.keys.map(\.object), .keys)
    },
    "pop": { (mapping, arguments, interpreter) throws(TemplateError) in
      let arguments = try arguments.bind("pop()", ["key", "default"], required: 1)
      let key = try interpreter.makeKey(try arguments.object(0))
      // The entries after it move up.
      if let key, mapping.entries[key] != nil { try interpreter.read(keysOf: mapping.entries) }
      guard let key, let value = mapping.entries.removeValue(forKey: key) else {
        if let fallback = arguments[1] { return fallback }
        throw TemplateError("pop() of a key that is not there")
      }
      return value
    },
    "setdefault": { (mapping, arguments, interpreter) throws(TemplateError) in
      let arguments = try arguments.bind("setdefault()", ["key", "default"], required: 1)
      guard let key = try interpreter.makeKey(try arguments.object(0)) else {
        throw TemplateError("this value cannot be a key")
      }
      if let value = mapping.entries[key] { return value }
      try interpreter.reserve(bytes: 4 * MemoryLayout<Object>.stride)
      mapping.entries[key] = arguments[1] ?? .null
      return arguments[1] ?? .null
    },
    "update": { (mapping, arguments, interpreter) throws(TemplateError) in
      let entries = try Globals.entries("update()", arguments, interpreter)
      try interpreter.reserve(bytes: entries.count * 4 * MemoryLayout<Object>.stride)
      try interpreter.read(keysOf: entries)
      mapping.entries.merge(entries, uniquingKeysWith: { _, new in new })
      return .null
    },
    "values": { (mapping, _, interpreter) throws(TemplateError) in
      try interpreter.makeSequence(Array(mapping.entries.values), .values)
    },
  ]

  /// The methods that lists and tuples share.
  static let sequences: [String: Method<SequenceObject>] = [
    "count": { (sequence, arguments, interpreter) throws(TemplateError) in
      let value = try arguments.bind("count()", ["value"], required: 1)[0] ?? .null
      var count = 0
      for element in sequence.elements where try interpreter.areEqual(element, value) { count += 1 }
      return .int(count)
    },
    "index": { (sequence, arguments, interpreter) throws(TemplateError) in
      let value = try arguments.bind("index()", ["value"], required: 1)[0] ?? .null
      for (index, element) in sequence.elements.enumerated() where try interpreter.areEqual(element, value) {
        return .int(index)
      }
      throw TemplateError("index() of a value that is not there")
    },
  ]

  static let lists: [String: Method<SequenceObject>] = [
    "append": { (list, arguments, interpreter) throws(TemplateError) in
      let value = try arguments.bind("append()", ["object"], required: 1)[0] ?? .null
      try interpreter.reserve(bytes: MemoryLayout<Object>.stride)
      list.elements.append(value)
      return .null
    },
    "copy": { (list, _, interpreter) throws(TemplateError) in try interpreter.makeSequence(list.elements) },
    "extend": { (list, arguments, interpreter) throws(TemplateError) in
      let more = try interpreter.iterate(try arguments.bind("extend()", ["iterable"], required: 1).object(0))
      try interpreter.reserve(bytes: more.count * MemoryLayout<Object>.stride)
      list.elements += more
      return .null
    },
    "insert": { (list, arguments, interpreter) throws(TemplateError) in
      let arguments = try arguments.bind("insert()", ["index", "object"], required: 2)
      try interpreter.reserve(bytes: MemoryLayout<Object>.stride)
      try interpreter.step(list.elements.count / 64)
      let index = try arguments.int(0, default: 0)
      let position = Slice(from: index, to: nil, step: 1).bounds(count: list.elements.count).start
      list.elements.insert(arguments[1] ?? .null, at: position)
      return .null
    },
    "pop": { (list, arguments, interpreter) throws(TemplateError) in
      let index = try arguments.bind("pop()", ["index"]).int(0, default: -1)
      let position = index < 0 ? index + list.elements.count : index
      guard list.elements.indices.contains(position) else {
        throw TemplateError("pop() of an element that is not there")
      }
      try interpreter.step(list.elements.count / 64)
      return list.elements.remove(at: position)
    },
  ]
}
