import Foundation

/// JSON with null for numbers that are none, since JSON has no NaN and no infinity.
struct NumberedJSON {
  let data: Data
  /// The keys that have such a null, or hold a list with one: `kl_mean (NaN)`; each once, in order.
  private(set) var nulls: [String] = []

  init(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Stand-ins that no text of the value can hold.
    let mark = UUID().uuidString
    let names = ["NaN", "∞", "−∞"], marks = names.indices.map { "\(mark)/\($0)" }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: marks[1], negativeInfinity: marks[2], nan: marks[0])
    let encoded = try encoder.encode(value)
    guard encoded.range(of: Data(mark.utf8)) != nil else {
      data = encoded
      return
    }
    var text = String(decoding: encoded, as: UTF8.self)
    for (name, mark) in zip(names, marks) {
      let parts = text.components(separatedBy: "\"\(mark)\"")
      for (before, _) in zip(parts, parts.dropFirst()) {
        let note = "\(Self.lastKey(before) ?? nulls.last ?? "a number") (\(name))"
        if !nulls.contains(note) { nulls.append(note) }
      }
      text = parts.joined(separator: "null")
    }
    data = Data(text.utf8)
  }

  /// The key whose value begins last in a beginning of JSON text, or nil where it has none.
  private static func lastKey(_ text: String) -> String? {
    guard let end = text.range(of: "\":", options: .backwards)?.lowerBound,
      let start = text[..<end].lastIndex(of: "\"")
    else { return nil }
    return String(text[text.index(after: start)..<end])
  }
}
