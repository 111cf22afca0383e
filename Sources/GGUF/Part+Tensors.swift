extension Part {
  static func readTensors(
    _ reader: inout ByteReader, count: Int, alignment: Int, isBitNet: Bool
  ) throws(GGUFError) -> [Tensor] {
    var entries: [TensorEntry] = []
    entries.reserveCapacity(count)
    for _ in 0..<count { entries.append(try TensorEntry(&reader, isBitNet: isBitNet)) }
    return try place(
      entries, in: reader, dataStart: reader.offset.padded(to: alignment), alignment: alignment)
  }

  /// Finds each tensor's data. Offsets must be exactly the running sum of padded sizes, so that no two
  /// tensors share bytes and none lies outside.
  private static func place(
    _ entries: [TensorEntry], in reader: ByteReader, dataStart: Int, alignment: Int
  ) throws(GGUFError) -> [Tensor] {
    var tensors: [Tensor] = []
    tensors.reserveCapacity(entries.count)
    var start = dataStart
    for entry in entries {
      let place = "tensor \(GGUFError.quote(entry.name))"
      guard entry.offset == UInt64(start - dataStart) else {
        throw GGUFError(
          file: reader.file, place: place,
          "starts at offset \(entry.offset), not \(start - dataStart) as the tensors before it ask: "
            + "the file is damaged, download it again")
      }
      guard start <= reader.bytes.count, entry.byteCount <= reader.bytes.count - start else {
        throw GGUFError(
          file: reader.file, place: place,
          "its \(entry.byteCount) bytes from byte \(start) run past the end of the file "
            + "(\(reader.bytes.count) bytes): it is cut short, download it again")
      }
      let data = UnsafeRawBufferPointer(rebasing: reader.bytes[start..<start + entry.byteCount])
      tensors.append(Tensor(name: entry.name, shape: entry.shape, type: entry.type, data: data))
      start = (start + entry.byteCount).padded(to: alignment)
    }
    return tensors
  }
}

/// A tensor's entry in the header.
struct TensorEntry {
  let name: String
  let shape: [Int]
  let type: BlockType
  /// From the start of the data.
  let offset: UInt64
  let byteCount: Int

  init(_ reader: inout ByteReader, isBitNet: Bool) throws(GGUFError) {
    let file = reader.file
    let start = reader.offset
    let bytes = try reader.readBytes("a tensor's name")
    let name = String(decoding: bytes, as: UTF8.self)
    func refuse(_ problem: String) -> GGUFError {
      GGUFError(file: file, place: "tensor \(GGUFError.quote(name))", problem)
    }
    guard bytes.count < 64 else {
      throw refuse("its name at byte \(start) has \(bytes.count) bytes, more than 63: the file is damaged")
    }
    let what = { "the entry of tensor \(GGUFError.quote(name))" }
    let dimensions = try reader.read(UInt32.self, what())
    guard dimensions <= 4 else {
      throw refuse("has \(dimensions) dimensions, more than 4: the file is damaged")
    }
    var shape: [Int] = []
    for _ in 0..<dimensions { shape.append(Int(try reader.read(Int64.self, what()))) }
    let id = try reader.read(UInt32.self, what())
    guard let type = BlockType(id: id, isBitNet: isBitNet) else {
      throw refuse(BlockType.refusal(id: id, isBitNet: isBitNet) ?? "has the unknown type \(id)")
    }
    do {
      byteCount = try type.byteCount(shape: shape)
    } catch {
      throw refuse("\(error.problem): the file is damaged")
    }
    self.name = name
    self.shape = shape
    self.type = type
    self.offset = try reader.read(UInt64.self, what())
  }
}
