import OrderedCollections

/// One rendering of a template.
///
/// Walks the parsed statements directly. Errors get the place of the innermost node that was being evaluated.
final class Interpreter {
  typealias Position = TemplateError.Position

  let limits: Limits
  let now: LocalTime
  var scope: Scope
  /// The output so far of the innermost block that captures it.
  var output = Text()

  private var depth = 0
  private var steps = 0
  private var bytes = 0
  private var sequences: [SequenceObject] = []
  private var mappings: [MappingObject] = []
  private var scopes: [Scope] = []

  /// - Parameters:
  ///   - globals: Functions by name; variables of the same names hide them.
  ///   - names: The names that the template speaks of; others are left out.
  init(
    globals: [String: Object], variables: [Text: Value], names: NameTable, now: LocalTime, limits: Limits
  ) throws(TemplateError) {
    self.limits = limits
    self.now = now
    scope = Scope(parent: nil)
    for (name, object) in globals {
      if let name = names[Text(name)] { scope.set(name, to: object) }
    }
    for (name, value) in variables {
      if let name = names[name] { scope.set(name, to: try makeObject(value)) }
    }
    scope = Scope(parent: scope)
    retain(scope)
  }

  /// Empties every container that was made: containers may hold each other in cycles, or in chains too long
  /// to be freed by recursion.
  func dismantle() {
    for sequence in sequences { sequence.elements = [] }
    for mapping in mappings { mapping.entries = [:] }
    for scope in scopes { scope.removeAll() }
  }
}

// MARK: - Limits

extension Interpreter {
  func step(_ count: Int = 1) throws(TemplateError) {
    steps += count
    if steps > limits.steps { throw TemplateError("the template takes more than \(limits.steps) steps") }
  }

  /// Accounts for reading text, which finding, comparing, counting and hashing do.
  func read(bytes count: Int) throws(TemplateError) { try step(count / 64) }

  /// Accounts for work on every character of a text, which Unicode's tables make much slower than reading it.
  func convert(bytes count: Int) throws(TemplateError) { try step(count / 2) }

  /// Accounts for text or elements about to be made.
  func reserve(bytes count: Int) throws(TemplateError) {
    let (sum, overflow) = bytes.addingReportingOverflow(max(0, count))
    bytes = sum
    if overflow || bytes > limits.bytes {
      throw TemplateError("the template makes more than \(limits.bytes) bytes of text and lists")
    }
    try step(max(0, count) / 64)
  }

  /// Accounts for `times` copies of `count` bytes.
  func reserve(bytes count: Int, times: Int) throws(TemplateError) {
    let (product, overflow) = count.multipliedReportingOverflow(by: max(0, times))
    try reserve(bytes: overflow ? .max - bytes : product)
  }

  /// Accounts for finding `count` pieces of a text and making texts of them, beyond their characters.
  func reservePieces(_ count: Int, of text: Text) throws(TemplateError) {
    try read(bytes: 2 * text.count)
    try reserve(bytes: 32, times: count)
  }

  func descend() throws(TemplateError) {
    depth += 1
    if depth > limits.depth { throw TemplateError("nested deeper than \(limits.depth) levels") }
  }

  func ascend() { depth -= 1 }
}

// MARK: - Making objects

extension Interpreter {
  /// The cost of a container beyond its elements, in the count of `Limits.bytes`.
  private static let containerBytes = 96

  func makeSequence(_ elements: [Object], _ kind: SequenceObject.Kind = .list) throws(TemplateError) -> Object
  {
    try reserve(bytes: Self.containerBytes + elements.count * MemoryLayout<Object>.stride)
    let sequence = SequenceObject(elements, kind)
    sequences.append(sequence)
    return .sequence(sequence)
  }

  func makeTexts(_ texts: [Text]) throws(TemplateError) -> Object {
    try reserve(bytes: texts.reduce(0) { $0 + $1.count })
    return try makeSequence(texts.map { .string($0) })
  }

  func makeMapping(_ entries: OrderedDictionary<Key, Object>) throws(TemplateError) -> MappingObject {
    try reserve(bytes: Self.containerBytes + entries.count * 4 * MemoryLayout<Object>.stride)
    let mapping = MappingObject(entries)
    mappings.append(mapping)
    return mapping
  }

  /// The key that is an object; nil for objects that cannot be keys. Looking it up reads it.
  func makeKey(_ object: Object) throws(TemplateError) -> Key? {
    if case .string(let text) = object { try read(bytes: text.count) }
    return Key(object)
  }

  /// Accounts for looking up or moving all keys of a dictionary.
  func read(keysOf entries: OrderedDictionary<Key, Object>) throws(TemplateError) {
    try step(entries.count)
    try read(bytes: entries.keys.reduce(0) { $0 + $1.byteCount })
  }

  func makeIterator(_ elements: [Object]) throws(TemplateError) -> Object {
    try reserve(bytes: Self.containerBytes + elements.count * MemoryLayout<Object>.stride)
    return .iterator(IteratorObject(elements))
  }

  func makeText(_ text: Text) throws(TemplateError) -> Object {
    try reserve(bytes: text.count)
    return .string(text)
  }

  /// Keeps a scope until the end of the rendering, because macros in it refer back to it.
  func retain(_ scope: Scope) { scopes.append(scope) }

  func makeObject(_ value: Value) throws(TemplateError) -> Object {
    try descend()
    defer { ascend() }
    switch value {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .float(let value): return .float(value)
    case .string(let text): return .string(text)
    case .list(let values):
      var elements: [Object] = []
      elements.reserveCapacity(values.count)
      for value in values { elements.append(try makeObject(value)) }
      return try makeSequence(elements)
    case .dict(let values):
      var entries: OrderedDictionary<Key, Object> = [:]
      for (key, value) in values { entries[.string(key)] = try makeObject(value) }
      return .mapping(try makeMapping(entries))
    }
  }
}

// MARK: - Output

extension Interpreter {
  func write(_ text: Text) throws(TemplateError) {
    try reserve(bytes: text.count)
    output.append(text)
  }

  /// The output of `body`.
  func capturing(_ body: () throws(TemplateError) -> Void) throws(TemplateError) -> Text {
    let outer = output
    output = Text()
    try body()
    defer { output = outer }
    return output
  }

  /// Runs `body` in a new scope inside `parent`.
  func scoped<Result>(
    in parent: Scope? = nil, _ body: () throws(TemplateError) -> Result
  ) throws(TemplateError) -> Result {
    let outer = scope
    scope = Scope(parent: parent ?? outer)
    defer { scope = outer }
    return try body()
  }
}

extension TemplateError {
  /// The same error, with a place if it has none yet.
  func located(at position: Position) -> TemplateError {
    TemplateError(message, at: self.position ?? position)
  }
}
