/// A coding key of any name.
struct AnyCodingKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Decoder {
  /// Throws for an unknown key, so that a typing mistake is not passed over.
  func refuseKeys(except known: [String]) throws {
    let container = try container(keyedBy: AnyCodingKey.self)
    if let stray = container.allKeys.first(where: { !known.contains($0.stringValue) }) {
      throw DecodingError.dataCorruptedError(
        forKey: stray, in: container,
        debugDescription: "unknown key; known are \(known.joined(separator: ", "))")
    }
  }
}
