/// A cursor over untrusted little-endian bytes; every read is checked against the end.
struct ByteReader {
  let file: String
  let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ mapping: MappedFile) {
    file = mapping.path
    bytes = mapping.bytes
  }

  var remaining: Int { bytes.count - offset }

  /// Reads a number; `what` names it in the error.
  mutating func read<T: FixedWidthInteger>(
    _ type: T.Type, _ what: @autoclosure () -> String
  ) throws(GGUFError) -> T {
    let size = MemoryLayout<T>.size
    guard remaining >= size else { throw truncated(what()) }
    defer { offset += size }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// Reads a u64 length and that many bytes.
  mutating func readBytes(_ what: @autoclosure () -> String) throws(GGUFError) -> UnsafeRawBufferPointer {
    let start = offset
    let length = try read(UInt64.self, what())
    guard length <= 1 << 30 else {
      throw GGUFError(
        file: file, place: "byte \(start)",
        "\(what()) claims \(length) bytes, more than the limit of 2^30: the file is damaged")
    }
    guard remaining >= Int(length) else { throw truncated(what()) }
    defer { offset += Int(length) }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(length)])
  }

  mutating func readString(_ what: @autoclosure () -> String) throws(GGUFError) -> String {
    String(decoding: try readBytes(what()), as: UTF8.self)
  }

  mutating func skip(_ count: Int, _ what: @autoclosure () -> String) throws(GGUFError) {
    guard remaining >= count else { throw truncated(what()) }
    offset += count
  }

  func truncated(_ what: String) -> GGUFError {
    GGUFError(
      file: file, place: "byte \(offset)",
      "\(what) runs past the end of the file (\(bytes.count) bytes): it is cut short, download it again")
  }
}
