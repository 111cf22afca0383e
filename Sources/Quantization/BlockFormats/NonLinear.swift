// IQ4_NL and IQ4_XS: nibbles that index a table whose steps widen away from zero.

// swift-format-ignore: AlwaysUseLowerCamelCase
enum NonLinear {
  private static let table: [Float] = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  ]

  /// d, 16 bytes of nibbles (low = element j, high = j + 16) → d·table
  static func iq4_nl(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    table.withUnsafeBufferPointer { table in
      Blocks.each(blocks, of: 18, in: input, to: output, 32) { block, y in
        nibbles(block + 2, block.half(0), table.baseAddress!, y)
      }
    }
  }

  /// d, u16 of 8 high scale bit pairs, 4 bytes of low scale nibbles, 8 × 16 bytes → d(sc − 32)·table
  static func iq4_xs(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    table.withUnsafeBufferPointer { table in
      Blocks.each(blocks, of: 136, in: input, to: output, 256) { block, y in
        let d = block.half(0)
        let high = block.u16(2)
        for s in 0..<8 {
          let low = block.byte(4 &+ s >> 1) &>> UInt8(truncatingIfNeeded: 4 &* (s & 1)) & 15
          let scale = Int32(low) | Int32(high &>> UInt16(truncatingIfNeeded: 2 &* s) & 3) << 4
          nibbles(
            block + (8 &+ 16 &* s), d * Float(scale &- 32), table.baseAddress!, y + (32 &* s)
          )
        }
      }
    }
  }

  @inline(__always)
  private static func nibbles(
    _ bytes: UnsafeRawPointer, _ d: Float, _ table: UnsafePointer<Float>, _ y: Output
  ) {
    for j in 0..<16 {
      let q = bytes.byte(j)
      y[j] = d * table[Int(q & 15)]
      y[j &+ 16] = d * table[Int(q >> 4)]
    }
  }
}
