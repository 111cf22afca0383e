import OrderedCollections

/// One GGUF file on disk: a model, or a part of a split one.
struct Part {
  let mapping: MappedFile
  let metadata: Metadata
  let tensors: [Tensor]
  /// Whether bitnet.cpp's type ids hold.
  let isBitNet: Bool

  /// Reads and validates the header. `isBitNet` is known from the first part when this is a later one.
  init(path: String, isBitNet: Bool? = nil) throws(GGUFError) {
    mapping = try MappedFile(path: path)
    var reader = ByteReader(mapping)
    let counts = try Self.readHeader(&reader)
    metadata = try Self.readMetadata(&reader, count: counts.entries, mapping: mapping)
    let bitNet = try metadata.isBitNet
    self.isBitNet = isBitNet ?? bitNet
    tensors = try Self.readTensors(
      &reader, count: counts.tensors, alignment: metadata.alignment(), isBitNet: self.isBitNet)
  }

  private static func readHeader(
    _ reader: inout ByteReader
  ) throws(GGUFError) -> (tensors: Int, entries: Int) {
    guard reader.bytes.starts(with: "GGUF".utf8) else { throw Masquerade.error(reader.bytes, reader.file) }
    try reader.skip(4, "the magic number")
    let version = try reader.read(UInt32.self, "the version")
    func refuse(_ problem: String) -> GGUFError { GGUFError(file: reader.file, place: "byte 4", problem) }
    guard version & 0xFFFF != 0 else {
      throw refuse("the file is big-endian, made for another kind of machine: get the little-endian one")
    }
    guard version != 1 else { throw refuse("GGUF version 1 is no longer in use: convert the model again") }
    guard version == 2 || version == 3 else {
      throw refuse(
        "GGUF version \(version) is not known, only 2 and 3: the file is damaged or newer than pare")
    }
    // The smallest tensor entry takes 24 bytes, the smallest key-value pair 14.
    let tensors = try readCount(&reader, "tensors", smallest: 24)
    let entries = try readCount(&reader, "key-value pairs", smallest: 14)
    return (tensors, entries)
  }

  /// A count that the rest of the file can hold, so that nothing is allocated for an absurd one.
  private static func readCount(
    _ reader: inout ByteReader, _ what: String, smallest: Int
  ) throws(GGUFError) -> Int {
    let place = "byte \(reader.offset)"
    let count = try reader.read(Int64.self, "the number of \(what)")
    guard count >= 0, count <= reader.remaining / smallest else {
      throw GGUFError(
        file: reader.file, place: place,
        "claims \(count) \(what), which its \(reader.bytes.count) bytes cannot hold: "
          + "it is cut short or damaged, download it again"
      )
    }
    return Int(count)
  }
}
