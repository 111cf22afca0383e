// Q4_0 … Q8_1: 32 elements with a half scale d, and in the _1 formats a half minimum m.
// Nibbles: byte j holds element j low and element j + 16 high. Fifth bits: bit j of a u32 is element j's.

// swift-format-ignore: AlwaysUseLowerCamelCase
enum Legacy {
  /// d, 16 bytes → d(q − 8)
  static func q4_0(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 18, in: input, to: output, 32) { block, y in
      let d = block.half(0)
      for j in 0..<16 {
        let q = Int32(block.byte(2 &+ j))
        y[j] = d * Float((q & 15) &- 8)
        y[j &+ 16] = d * Float((q >> 4) &- 8)
      }
    }
  }

  /// d, m, 16 bytes → d·q + m
  static func q4_1(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 20, in: input, to: output, 32) { block, y in
      let d = block.half(0)
      let m = block.half(2)
      for j in 0..<16 {
        let q = Int32(block.byte(4 &+ j))
        y[j] = d * Float(q & 15) + m
        y[j &+ 16] = d * Float(q >> 4) + m
      }
    }
  }

  /// d, fifth bits, 16 bytes → d(q − 16)
  static func q5_0(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 22, in: input, to: output, 32) { block, y in
      let d = block.half(0)
      let fifth = block.u32(2)
      for j in 0..<16 {
        let q = Int32(block.byte(6 &+ j))
        y[j] = d * Float((q & 15 | fifthBit(fifth, j)) &- 16)
        y[j &+ 16] = d * Float((q >> 4 | fifthBit(fifth, j &+ 16)) &- 16)
      }
    }
  }

  /// d, m, fifth bits, 16 bytes → d·q + m
  static func q5_1(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 24, in: input, to: output, 32) { block, y in
      let d = block.half(0)
      let m = block.half(2)
      let fifth = block.u32(4)
      for j in 0..<16 {
        let q = Int32(block.byte(8 &+ j))
        y[j] = d * Float(q & 15 | fifthBit(fifth, j)) + m
        y[j &+ 16] = d * Float(q >> 4 | fifthBit(fifth, j &+ 16)) + m
      }
    }
  }

  /// d, 32 × i8 → d·q
  static func q8_0(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 34, in: input, to: output, 32) { block, y in
      scaledBytes(block + 2, block.half(0), y, 32)
    }
  }

  /// d, the sum d·Σq that a dot product with a minimum needs, 32 × i8 → d·q
  static func q8_1(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 36, in: input, to: output, 32) { block, y in
      scaledBytes(block + 4, block.half(0), y, 32)
    }
  }

  @inline(__always)
  private static func fifthBit(_ bits: UInt32, _ j: Int) -> Int32 {
    Int32(bitPattern: ((bits &>> UInt32(truncatingIfNeeded: j)) & 1) << 4)
  }
}

/// `count` signed bytes times d.
@inline(__always)
func scaledBytes(_ bytes: UnsafeRawPointer, _ d: Float, _ y: Output, _ count: Int) {
  for j in 0..<count { y[j] = d * Float(Int32(Int8(bitPattern: bytes.byte(j)))) }
}
