/// Methods of Python's types that templates call: name → function of the object and the arguments.
enum Methods {
  typealias Method<Receiver> = @Sendable (Receiver, Arguments, Interpreter) throws(TemplateError) -> Object

  /// The method bound to `object`; nil if its type has none of this name.
  static func method(_ name: String, of object: Object) -> CallableObject.Function? {
    switch object {
    case .string(let text): bind(strings[name], to: text)
    case .sequence(let sequence) where sequence.kind == .list:
      bind(lists[name] ?? sequences[name], to: sequence)
    case .sequence(let sequence) where sequence.kind == .tuple: bind(sequences[name], to: sequence)
    case .mapping(let mapping): bind(mappings[name], to: mapping)
    case .range(let range): bind(ranges[name], to: range)
    default: nil
    }
  }

  /// Those of tuples, on the elements of a range.
  private static let ranges: [String: Method<RangeObject>] = sequences.mapValues(onElements)

  private static func onElements(_ method: @escaping Method<SequenceObject>) -> Method<RangeObject> {
    { (range, arguments, interpreter) throws(TemplateError) in
      let elements = SequenceObject(try interpreter.iterate(.range(range)), .tuple)
      return try method(elements, arguments, interpreter)
    }
  }

  private static func bind<Receiver>(_ method: Method<Receiver>?, to receiver: Receiver) -> CallableObject
    .Function?
  {
    guard let method else { return nil }
    return { (arguments, interpreter) throws(TemplateError) in try method(receiver, arguments, interpreter) }
  }
}
