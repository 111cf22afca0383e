/// A key by whatever name.
struct AnyCodingKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Decoder {
  /// Throws for a key that means nothing, so that a typing mistake is not passed over.
  func refuseKeys(except known: [String]) throws {
    let container = try container(keyedBy: AnyCodingKey.self)
    if let stray = container.allKeys.first(where: { !known.contains($0.stringValue) }) {
      throw DecodingError.dataCorruptedError(
        forKey: stray, in: container,
        debugDescription: "unknown key; known are \(known.joined(separator: ", "))")
    }
  }
}
