import OrderedCollections

extension Part {
  static func readMetadata(
    _ reader: inout ByteReader, count: Int, mapping: MappedFile
  ) throws(GGUFError) -> Metadata {
    var entries: OrderedDictionary<ByteString, MetadataValue> = [:]
    for _ in 0..<count {
      let place = "byte \(reader.offset)"
      let name = ByteString(try reader.readBytes("a key"))
      let key = name.string
      guard !key.isEmpty else {
        throw GGUFError(file: reader.file, place: place, "a key is empty: the file is damaged")
      }
      let value = try readValue(&reader, key: key, mapping: mapping)
      guard entries.updateValue(value, forKey: name) == nil else {
        throw GGUFError(
          file: reader.file, place: "key \(GGUFError.quote(key))", "occurs twice: the file is damaged")
      }
    }
    return Metadata(entries, file: reader.file)
  }

  private static func readValue(
    _ reader: inout ByteReader, key: String, mapping: MappedFile
  ) throws(GGUFError) -> MetadataValue {
    let what = { "the value of \(GGUFError.quote(key))" }
    switch try readKind(&reader, key: key) {
    case .uint8: return .uint8(try reader.read(UInt8.self, what()))
    case .int8: return .int8(try reader.read(Int8.self, what()))
    case .uint16: return .uint16(try reader.read(UInt16.self, what()))
    case .int16: return .int16(try reader.read(Int16.self, what()))
    case .uint32: return .uint32(try reader.read(UInt32.self, what()))
    case .int32: return .int32(try reader.read(Int32.self, what()))
    case .float32: return .float32(Float(bitPattern: try reader.read(UInt32.self, what())))
    case .bool: return .bool(try reader.read(UInt8.self, what()) != 0)
    case .string: return .string(try reader.readString(what()))
    case .uint64: return .uint64(try reader.read(UInt64.self, what()))
    case .int64: return .int64(try reader.read(Int64.self, what()))
    case .float64: return .float64(Double(bitPattern: try reader.read(UInt64.self, what())))
    case .array: return .array(try readArray(&reader, key: key, mapping: mapping))
    }
  }

  /// Walks an array to its end, without decoding it.
  private static func readArray(
    _ reader: inout ByteReader, key: String, mapping: MappedFile
  ) throws(GGUFError) -> MetadataArray {
    let kind = try readKind(&reader, key: key)
    let place = "key \(GGUFError.quote(key))"
    guard kind != .array else {
      throw GGUFError(file: reader.file, place: place, "is a list of lists, which GGUF files do not use")
    }
    let claimed = try reader.read(UInt64.self, "the length of \(GGUFError.quote(key))")
    guard claimed <= 1 << 30, Int(claimed) <= reader.remaining / (kind.size ?? 8) else {
      throw GGUFError(
        file: reader.file, place: place,
        "claims \(claimed) elements, which the file cannot hold: "
          + "it is cut short or damaged, download it again"
      )
    }
    let count = Int(claimed)
    let start = reader.offset
    if let size = kind.size {
      try reader.skip(count * size, "the list \(GGUFError.quote(key))")
    } else {
      for index in 0..<count { _ = try reader.readBytes("element \(index) of \(GGUFError.quote(key))") }
    }
    return MetadataArray(kind: kind, count: count, file: mapping, range: start..<reader.offset)
  }

  private static func readKind(
    _ reader: inout ByteReader, key: String
  ) throws(GGUFError) -> MetadataValue.Kind {
    let code = try reader.read(UInt32.self, "the type of \(GGUFError.quote(key))")
    guard let kind = MetadataValue.Kind(rawValue: code) else {
      throw GGUFError(
        file: reader.file, place: "key \(GGUFError.quote(key))",
        "has the unknown type \(code): the file is damaged")
    }
    return kind
  }
}
