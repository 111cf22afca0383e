import OrderedCollections

/// The key-value part of a GGUF file, in file order.
///
/// The accessors return nil for an absent key and throw ``GGUFError``, naming file and key, for a value
/// of another type. Whole numbers of every width count as integers, since converters differ in the width
/// they write. Write values by hand as
///
///     let metadata: Metadata = [
///       "llama.block_count": .uint32(30), "tokenizer.ggml.tokens": .array(.init(["a", "b"])),
///     ]
public struct Metadata: Sendable, Hashable {
  /// The file the entries came from, for errors; nil when made by hand.
  public let file: String?
  /// The pairs in file order.
  public private(set) var entries: OrderedDictionary<ByteString, MetadataValue>

  /// - Parameter file: The name that errors give; nil for metadata made by hand.
  public init(_ entries: OrderedDictionary<ByteString, MetadataValue> = [:], file: String? = nil) {
    self.entries = entries
    self.file = file
  }

  /// The value of a key in whatever type it has; nil for an absent key.
  public subscript(key: String) -> MetadataValue? {
    get { self[ByteString(key)] }
    set { self[ByteString(key)] = newValue }
  }

  /// The value of a key that need not be UTF-8.
  public subscript(key: ByteString) -> MetadataValue? {
    get { entries[key] }
    set { entries[key] = newValue }
  }

  /// A text.
  public func string(_ key: String) throws(GGUFError) -> String? {
    try value(key, "a string") { if case .string(let text) = $0 { text } else { nil } }
  }

  /// A whole number of any width that fits an `Int`.
  public func integer(_ key: String) throws(GGUFError) -> Int? {
    try value(key, "a whole number") { $0.integer }
  }

  /// A number, whole or not.
  public func number(_ key: String) throws(GGUFError) -> Double? {
    try value(key, "a number") { $0.number }
  }

  /// A truth value.
  public func bool(_ key: String) throws(GGUFError) -> Bool? {
    try value(key, "true or false") { if case .bool(let truth) = $0 { truth } else { nil } }
  }

  /// An array of strings, as bytes: a vocabulary's pieces need not be UTF-8.
  public func strings(_ key: String) throws(GGUFError) -> [[UInt8]]? {
    try value(key, "a list of strings") { $0.array?.byteStrings }
  }

  /// Calls `body` with each of the strings, in order.
  /// - Returns: false for an absent key
  public func forEachString(
    _ key: String, _ body: (UnsafeBufferPointer<UInt8>) throws(GGUFError) -> Void
  ) throws(GGUFError) -> Bool {
    guard let found = self[key] else { return false }
    guard let array = found.array, try array.forEachByteString(body) else {
      throw wrong(key, "is \(found.summary), not a list of strings")
    }
    return true
  }

  /// An array of whole numbers.
  public func integers(_ key: String) throws(GGUFError) -> [Int]? {
    try value(key, "a list of whole numbers") { $0.array?.integers }
  }

  /// An array of numbers, rounded to `Float`.
  public func numbers(_ key: String) throws(GGUFError) -> [Float]? {
    try value(key, "a list of numbers") { $0.array?.numbers }
  }

  /// An array of truth values.
  public func bools(_ key: String) throws(GGUFError) -> [Bool]? {
    try value(key, "a list of true and false") { $0.array?.bools }
  }

  private func value<Value>(
    _ key: String, _ expected: String, _ convert: (MetadataValue) -> Value?
  ) throws(GGUFError) -> Value? {
    guard let found = self[key] else { return nil }
    guard let value = convert(found) else { throw wrong(key, "is \(found.summary), not \(expected)") }
    return value
  }

  private func wrong(_ key: String, _ problem: String) -> GGUFError {
    GGUFError(file: file, place: "key \(GGUFError.quote(key))", "\(problem): convert the model again")
  }
}

extension Metadata: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, MetadataValue)...) {
    self.init(OrderedDictionary(uniqueKeysWithValues: elements.map { (ByteString($0), $1) }))
  }
}

extension Metadata {
  /// One number for each of `count` layers: a list of exactly that length, or one number that holds for all.
  public func integers(_ key: String, perLayer count: Int) throws(GGUFError) -> [Int]? {
    guard case .array(let array)? = self[key] else {
      return try integer(key).map { Array(repeating: $0, count: count) }
    }
    guard array.count == count else {
      throw wrong(key, "has \(array.count) numbers for \(count) layers")
    }
    return try integers(key)
  }
}

extension MetadataValue {
  fileprivate var array: MetadataArray? {
    if case .array(let array) = self { array } else { nil }
  }

  /// The value's type for an error, and the value itself where it is short.
  fileprivate var summary: String {
    switch self {
    case .string: "a string"
    case .array(let array): "a list of \(array.elementKind)"
    case .bool(let truth): "\(truth)"
    default: "the \(kind) \(integer.map(String.init) ?? "\(number ?? .nan)")"
    }
  }
}
