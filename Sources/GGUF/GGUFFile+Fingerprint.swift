extension GGUFFile {
  /// Tells the file from others and from what it was before a change, wherever it lies: a checksum of the
  /// size of each part, of the time it was last written to, and of pages spread evenly over it, the first and
  /// the last among them.
  ///
  /// Trusted is that whoever changes bytes between these pages in place leaves a new time of change behind.
  public var fingerprint: UInt64 {
    var checksum = Checksum()
    for mapping in mappings {
      let bytes = mapping.bytes, page = 4096, samples = 32
      let facts = [bytes.count, Int(mapping.modified.tv_sec), Int(mapping.modified.tv_nsec)]
      facts.withUnsafeBytes { checksum.add($0) }
      for sample in 0..<samples {
        let start = max(0, bytes.count - page) * sample / (samples - 1)
        checksum.add(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + page, bytes.count)]))
      }
    }
    return checksum.value
  }
}
