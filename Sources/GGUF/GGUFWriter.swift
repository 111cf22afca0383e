import IO

/// Writes a GGUF file (version 3): metadata, then tensors in the order they were added.
///
///     var writer = GGUFWriter(metadata: ["general.architecture": .string("llama")])
///     writer.add("output_norm.weight", shape: [576], type: .f32, bytes: norm)
///     try writer.write(to: "model.gguf")
public struct GGUFWriter {
  /// A function that produces a tensor's data: it calls `emit` once or more with the next bytes.
  public typealias Source = (_ emit: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

  private struct Entry {
    let name: String
    let shape: [Int]
    let type: BlockType
    let source: Source
  }

  /// The key-value pairs to write.
  public var metadata: Metadata
  private var entries: [Entry] = []

  /// A writer without tensors yet.
  public init(metadata: Metadata) {
    self.metadata = metadata
  }

  /// Adds a tensor whose data is produced while the file is written, so that only a piece of it need be in
  /// memory.
  ///
  /// - Parameter shape: In ne order, the fastest extent first.
  public mutating func add(_ name: String, shape: [Int], type: BlockType, source: @escaping Source) {
    entries.append(Entry(name: name, shape: shape, type: type, source: source))
  }

  /// Adds a tensor whose data is in memory; `shape` is in ne order.
  public mutating func add(_ name: String, shape: [Int], type: BlockType, bytes: [UInt8]) {
    add(name, shape: shape, type: type) { emit in try bytes.withUnsafeBytes(emit) }
  }

  /// Adds a copy of a tensor of an open file. The file must stay open until this one is written.
  public mutating func add(_ tensor: Tensor) {
    add(tensor.name, shape: tensor.shape, type: tensor.type) { emit in try emit(tensor.data) }
  }

  /// Writes the file at `path`, in place of one that is there.
  ///
  /// - Throws: ``GGUFError`` when nothing can be written there; else as ``write(to:)-(OutputFile)``. `path` is
  ///   then as it was before.
  public func write(to path: String) throws {
    let file: OutputFile
    do { file = try OutputFile(path, replaces: true) } catch {
      let reason = error.reason.replacing("it cannot be written: ", with: "")
      throw GGUFError(file: path, "cannot be written: \(reason)")
    }
    try write(to: file)
  }

  /// Writes the file and finishes it.
  ///
  /// - Throws: ``GGUFError`` for tensors that readers would refuse, and for data of the wrong size;
  ///   `OutputError` when writing fails; errors of a source as they are.
  public func write(to file: OutputFile) throws {
    let alignment = try metadata.alignment()
    let places = try layOut(file.path, alignment: alignment)
    try file.write(header(places))
    for (entry, place) in zip(entries, places) {
      try pad(file, to: alignment)
      let start = file.count
      try entry.source { try file.write($0) }
      guard file.count - start == place.count else {
        throw GGUFError(
          file: file.path, place: "tensor \(GGUFError.quote(entry.name))",
          "was given \(file.count - start) bytes of data, "
            + "but its shape takes \(place.count) in \(entry.type.name)"
        )
      }
    }
    try pad(file, to: alignment)
    try file.finish()
  }

  private func pad(_ file: OutputFile, to alignment: Int) throws(OutputError) {
    // In pieces: an alignment may be as large as 2 GiB.
    var missing = file.count.padded(to: alignment) - file.count
    while missing > 0 {
      let piece = min(missing, 4096)
      try file.write(repeatElement(0, count: piece))
      missing -= piece
    }
  }

  /// The byte range of each tensor, from the start of the data. Throws for tensors that ``GGUFFile`` would
  /// refuse.
  private func layOut(_ path: String, alignment: Int) throws(GGUFError) -> [Range<Int>] {
    let isBitNet = try metadata.isBitNet
    guard metadata[""] == nil else {
      throw GGUFError(file: path, "has metadata with an empty key, which no reader accepts")
    }
    var places: [Range<Int>] = []
    var names: Set<ByteString> = []
    for entry in entries {
      func refuse(_ problem: String) -> GGUFError {
        GGUFError(file: path, place: "tensor \(GGUFError.quote(entry.name))", problem)
      }
      guard entry.name.utf8.count < 64 else {
        throw refuse("has a name of more than 63 bytes, which no reader accepts")
      }
      guard names.insert(ByteString(entry.name)).inserted else { throw refuse("would occur twice") }
      if let refusal = BlockType.refusal(id: entry.type.rawValue, isBitNet: isBitNet) {
        throw refuse(refusal)
      }
      let size: Int
      do {
        size = try entry.type.byteCount(shape: entry.shape)
      } catch {
        throw refuse(error.problem)
      }
      let start = places.last?.upperBound.padded(to: alignment) ?? 0
      guard size < Int.max / 2 - start else { throw refuse("makes the file larger than can be counted") }
      places.append(start..<start + size)
    }
    return places
  }

  private func header(_ places: [Range<Int>]) -> [UInt8] {
    var bytes = Array("GGUF".utf8)
    UInt32(3).encode(into: &bytes)
    Int64(entries.count).encode(into: &bytes)
    Int64(metadata.entries.count).encode(into: &bytes)
    for (key, value) in metadata.entries {
      key.bytes.encode(into: &bytes)
      value.kind.rawValue.encode(into: &bytes)
      value.encode(into: &bytes)
    }
    for (entry, place) in zip(entries, places) {
      entry.name.encode(into: &bytes)
      UInt32(entry.shape.count).encode(into: &bytes)
      for extent in entry.shape { Int64(extent).encode(into: &bytes) }
      entry.type.rawValue.encode(into: &bytes)
      UInt64(place.lowerBound).encode(into: &bytes)
    }
    return bytes
  }
}

extension MetadataValue {
  fileprivate func encode(into bytes: inout [UInt8]) {
    switch self {
    case .uint8(let value): value.encode(into: &bytes)
    case .int8(let value): value.encode(into: &bytes)
    case .uint16(let value): value.encode(into: &bytes)
    case .int16(let value): value.encode(into: &bytes)
    case .uint32(let value): value.encode(into: &bytes)
    case .int32(let value): value.encode(into: &bytes)
    case .float32(let value): value.encode(into: &bytes)
    case .bool(let value): value.encode(into: &bytes)
    case .string(let value): value.encode(into: &bytes)
    case .uint64(let value): value.encode(into: &bytes)
    case .int64(let value): value.encode(into: &bytes)
    case .float64(let value): value.encode(into: &bytes)
    case .array(let array):
      array.elementKind.rawValue.encode(into: &bytes)
      UInt64(array.count).encode(into: &bytes)
      array.withBytes { bytes.append(contentsOf: $0) }
    }
  }
}
