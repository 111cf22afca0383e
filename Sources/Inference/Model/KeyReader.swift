import GGUF

/// A reader of the `ARCH.*` keys of a file, which throws for values that no model has.
struct KeyReader {
  let metadata: Metadata
  /// The architecture's name and a dot.
  let prefix: String

  func integer(_ key: String, in allowed: ClosedRange<Int>, default value: Int? = nil) throws -> Int {
    guard let value = try metadata.integer(prefix + key) ?? value else { throw missing(key) }
    return try check(value, key, allowed)
  }

  /// One number for each layer that runs, where the file may give one for all. Lists count the tail.
  func integers(
    _ key: String, layers: LayerCount, in allowed: ClosedRange<Int>, default values: [Int]? = nil
  ) throws -> [Int] {
    guard let values = try metadata.integers(prefix + key, perLayer: layers.inFile) ?? values else {
      throw missing(key)
    }
    return try values.prefix(layers.running).map { try check($0, key, allowed) }
  }

  /// One truth value for each layer that runs; nil where the key holds no list.
  func bools(_ key: String, layers: LayerCount) throws -> [Bool]? {
    guard case .array? = metadata[prefix + key] else { return nil }
    let values = try metadata.bools(prefix + key) ?? []
    guard values.count == layers.inFile else {
      throw error(key, "has \(values.count) values for \(layers.inFile) layers")
    }
    return Array(values.prefix(layers.running))
  }

  /// A number; nil when the file does not have the key.
  func number(_ key: String) throws -> Double? {
    guard let value = try metadata.number(prefix + key) else { return nil }
    guard value.isFinite else { throw error(key, "is not a finite number") }
    return value
  }

  func error(_ key: String, _ problem: String) -> GGUFError {
    GGUFError(file: metadata.file, place: "key \(prefix)\(key)", problem)
  }

  private func missing(_ key: String) -> GGUFError { error(key, "is missing: the file is incomplete") }

  private func check(_ value: Int, _ key: String, _ allowed: ClosedRange<Int>) throws -> Int {
    guard allowed.contains(value) else {
      throw error(key, "is \(value), outside \(allowed.lowerBound)…\(allowed.upperBound)")
    }
    return value
  }
}
