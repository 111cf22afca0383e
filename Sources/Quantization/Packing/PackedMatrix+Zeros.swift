import CKernels

extension PackedMatrix {
  /// The share of the weights that are 0, counted in the codes; nil for formats in which no code alone means 0.
  ///
  /// Of ternary weights it is what a matrix leaves out of its sums, and the paper's models hold 0 as often as they please
  /// (BitNet b1.58, arXiv 2402.17764).
  public var zeroShare: Double? {
    guard format == .wholeTernary || format == .ternary, columns % 32 == 0 else { return nil }
    let info = pare_format_info_of(format.id).pointee
    let scales = info.block_bytes - 128, tileBytes = format.tileBytes(columns: columns)
    var zeros = 0
    for tile in 0..<tiles {
      let lanes = min(Self.tileRows, rows - tile * Self.tileRows)
      for block in 0..<columns / 32 {
        let start = view.data + tile * tileBytes + block * info.block_bytes + scales
        for vector in 0..<2 {
          let words = UnsafeRawPointer(start + 64 * vector).assumingMemoryBound(to: UInt32.self)
          for lane in 0..<lanes {
            // The code 1 in each pair of bits.
            let word = words[lane]
            zeros += (word & ~(word >> 1) & 0x5555_5555).nonzeroBitCount
          }
        }
      }
    }
    return Double(zeros) / Double(rows * columns)
  }
}
