/// The `config.json` of a checkpoint with the lists of dropped sublayers that LLM-Drop reads (arXiv
/// 2406.15786).
///
/// All else stays as it was written, byte by byte: programs take `30` and `30.0` for different things, and
/// the order of the keys is the author's.
public enum LLMDropConfiguration {
  /// The text of a configuration with the lists set.
  ///
  /// - Parameter text: The configuration that there is; nil for none.
  /// - Returns: Nil when the text is no JSON object.
  public static func setting(_ drop: Plan.Drop, in text: [UInt8]?) -> [UInt8]? {
    let lists = [("drop_attn_list", drop.attention), ("drop_mlp_list", drop.mlp)].map { key, layers in
      (key: key, text: "[" + layers.sorted().map(String.init).joined(separator: ", ") + "]")
    }
    var scanner = JSONObjectScanner(bytes: text ?? Array("{}\n".utf8))
    guard let object = scanner.object() else { return nil }
    let bytes = scanner.bytes
    var changes: [(range: Range<Int>, text: String)] = []
    var isEmpty = object.members.isEmpty
    for list in lists {
      let places = object.members.filter { bytes[$0.key].elementsEqual("\"\(list.key)\"".utf8) }
      changes += places.map { ($0.value, list.text) }
      guard places.isEmpty else { continue }
      let gap = object.indent.map { String(decoding: bytes[$0], as: UTF8.self) } ?? "\n  "
      let end = object.members.last?.value.upperBound ?? object.start
      changes.append((end..<end, (isEmpty ? "" : ",") + gap + "\"\(list.key)\": " + list.text))
      isEmpty = false
    }
    if object.members.isEmpty { changes.append((object.start..<object.end, "\n")) }

    var result: [UInt8] = []
    var position = 0
    let order = changes.indices.sorted {
      (changes[$0].range.lowerBound, $0) < (changes[$1].range.lowerBound, $1)
    }
    for index in order {
      result += bytes[position..<changes[index].range.lowerBound]
      result += Array(changes[index].text.utf8)
      position = changes[index].range.upperBound
    }
    return result + bytes[position...]
  }
}

/// The places of an object's members in JSON text (RFC 8259), and Python's `NaN` and `Infinity` besides.
private struct JSONObjectScanner {
  struct Object {
    /// After the opening brace, and before the closing one.
    var start, end: Int
    /// Keys with their quotes, and values.
    var members: [(key: Range<Int>, value: Range<Int>)] = []
    /// The space before the first key; nil without one.
    var indent: Range<Int>?
  }

  let bytes: [UInt8]
  private var position = 0
  private static let deepest = 64

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// The object that the text is; nil if it is something else, or malformed.
  mutating func object() -> Object? {
    skipSpace()
    guard let object = object(depth: 0) else { return nil }
    skipSpace()
    return position == bytes.count ? object : nil
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skip(_ byte: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func object(depth: Int) -> Object? {
    guard depth < Self.deepest, skip("{") else { return nil }
    var object = Object(start: position, end: position)
    skipSpace()
    object.indent = current == UInt8(ascii: "\"") ? object.start..<position : nil
    object.end = position
    if skip("}") { return object }
    repeat {
      skipSpace()
      let key = position
      guard string() else { return nil }
      let keyEnd = position
      skipSpace()
      guard skip(":") else { return nil }
      skipSpace()
      let value = position
      guard self.value(depth: depth + 1) else { return nil }
      object.members.append((key..<keyEnd, value..<position))
      skipSpace()
    } while skip(",")
    object.end = position
    return skip("}") ? object : nil
  }

  private mutating func value(depth: Int) -> Bool {
    switch current {
    case UInt8(ascii: "{"): return object(depth: depth) != nil
    case UInt8(ascii: "["): return array(depth: depth)
    case UInt8(ascii: "\""): return string()
    default: return word()
    }
  }

  private mutating func array(depth: Int) -> Bool {
    guard depth < Self.deepest, skip("[") else { return false }
    skipSpace()
    if skip("]") { return true }
    repeat {
      skipSpace()
      guard value(depth: depth + 1) else { return false }
      skipSpace()
    } while skip(",")
    return skip("]")
  }

  private mutating func string() -> Bool {
    guard skip("\"") else { return false }
    while let byte = current, byte >= 0x20 {
      position += 1
      if byte == UInt8(ascii: "\"") { return true }
      if byte == UInt8(ascii: "\\") {
        guard let escaped = current, escaped >= 0x20 else { return false }
        position += 1
      }
    }
    return false
  }

  /// A number or a literal.
  private mutating func word() -> Bool {
    let start = position
    while let byte = current, byte > 0x20, !",]}".utf8.contains(byte) { position += 1 }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    if ["true", "false", "null", "NaN", "Infinity", "-Infinity"].contains(word) { return true }
    return word.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } && Double(word) != nil
  }
}
