/// Evaluated arguments of a call.
struct Arguments {
  var positional: [Object] = []
  var named: [(name: String, value: Object)] = []

  /// Assigns the arguments to `parameters` in order or by name.
  ///
  /// - Parameters:
  ///   - function: how an error calls the function.
  ///   - required: how many of the first parameters must be given.
  func bind(
    _ function: String, _ parameters: [String], required: Int = 0
  ) throws(TemplateError) -> BoundArguments {
    guard positional.count <= parameters.count else {
      let most = "\(parameters.count) argument\(parameters.count == 1 ? "" : "s")"
      throw TemplateError("\(function) takes at most \(most), got \(positional.count)")
    }
    var values: [Object?] = positional + Array(repeating: nil, count: parameters.count - positional.count)
    for (name, value) in named {
      guard let index = parameters.firstIndex(of: name) else {
        throw TemplateError("\(function) has no parameter '\(name)'")
      }
      guard values[index] == nil else { throw TemplateError("\(function) got '\(name)' twice") }
      values[index] = value
    }
    for index in 0..<required where values[index] == nil {
      throw TemplateError("\(function) needs its argument '\(parameters[index])'")
    }
    return BoundArguments(function: function, parameters: parameters, values: values)
  }

  /// Refuses named arguments, for functions that take any number of positional ones.
  func requireNoNames(_ function: String) throws(TemplateError) {
    if let name = named.first?.name { throw TemplateError("\(function) has no parameter '\(name)'") }
  }
}

/// Arguments by the position of their parameter; what was not given is nil.
struct BoundArguments {
  let function: String
  let parameters: [String]
  let values: [Object?]

  subscript(index: Int) -> Object? { values[index] }

  private func wrongType(_ index: Int, _ type: String) -> TemplateError {
    let given = values[index]?.typeName ?? "nothing"
    return TemplateError("\(function) needs \(type) as '\(parameters[index])', got \(given)")
  }

  /// A required argument, or one with a value for when it is absent.
  func object(_ index: Int, default: Object = .null) throws(TemplateError) -> Object {
    let object = values[index] ?? `default`
    if case .undefined(let undefined) = object { throw undefined.error }
    return object
  }

  func text(_ index: Int) throws(TemplateError) -> Text {
    guard case .string(let text) = try object(index) else { throw wrongType(index, "a string") }
    return text
  }

  /// nil if absent or none.
  func optionalText(_ index: Int) throws(TemplateError) -> Text? {
    if case .null = try object(index) { return nil }
    return try text(index)
  }

  func int(_ index: Int, default: Int) throws(TemplateError) -> Int {
    guard let value = try object(index, default: .int(`default`)).index else {
      throw wrongType(index, "an integer")
    }
    return value
  }

  /// nil if absent or none.
  func optionalInt(_ index: Int) throws(TemplateError) -> Int? {
    if case .null = try object(index) { return nil }
    return try int(index, default: 0)
  }

  func bool(_ index: Int, default: Bool) -> Bool { values[index]?.isTrue ?? `default` }
}
