extension Metadata {
  /// Bytes that the start of each tensor's data is a multiple of: `general.alignment`, or 32.
  func alignment() throws(GGUFError) -> Int {
    guard let value = self["general.alignment"] else { return 32 }
    guard case .uint32(let alignment) = value, alignment.nonzeroBitCount == 1 else {
      throw GGUFError(
        file: file, place: "key “general.alignment”",
        "is not a u32 power of two: the file is damaged, download it again")
    }
    return Int(alignment)
  }

  /// Whether tensors have bitnet.cpp's type ids, which mean other formats elsewhere.
  var isBitNet: Bool {
    get throws(GGUFError) { try string("general.architecture")?.hasPrefix("bitnet") ?? false }
  }
}

extension Int {
  /// The next multiple of a power of two. Overflows only near `Int.max`, where no file size is.
  func padded(to alignment: Int) -> Int { (self + alignment - 1) & ~(alignment - 1) }
}
