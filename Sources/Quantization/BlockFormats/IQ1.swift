// IQ1_S and IQ1_M: points of 8 values −1, 0, 1, moved up or down by δ = 1/8, under 3-bit scales s.

// swift-format-ignore: AlwaysUseLowerCamelCase
enum IQ1 {
  private static let delta: Float = 0.125

  /// d, 32 bytes of indices, 8 × u16 (4 × 3 high index bits, 3 bits s, sign of δ) → d(2s + 1)(value ± δ)
  static func iq1_s(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Codebooks.iq1.withUnsafeBufferPointer { codebook in
      let codebook = codebook.baseAddress!
      Blocks.each(blocks, of: 50, in: input, to: output, 256) { block, y in
        let d = block.half(0)
        for s in 0..<8 {
          let high = block.u16(34 &+ 2 &* s)
          let scale = d * Float(Int32(high >> 12 & 7 &* 2 &+ 1))
          let shift = high & 0x8000 == 0 ? delta : -delta
          for k in 0..<4 {
            let top = Int(high &>> UInt16(truncatingIfNeeded: 3 &* k) & 7)
            let point = codebook[Int(block.byte(2 &+ 4 &* s &+ k)) | top << 8]
            expand(point, scale, shift, y + (32 &* s &+ 8 &* k))
          }
        }
      }
    }
  }

  /// 32 bytes of indices, 32 nibbles (3 high index bits, sign of δ), 4 × u16 of four s and a nibble of d
  static func iq1_m(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Codebooks.iq1.withUnsafeBufferPointer { codebook in
      let codebook = codebook.baseAddress!
      Blocks.each(blocks, of: 56, in: input, to: output, 256) { block, y in
        let scales = block + 48
        let d = half(scale(scales))
        for g in 0..<32 {
          let s = g >> 1  // a scale for every 16 elements
          let threeBits = scales.u16(s >> 2 &* 2) &>> UInt16(truncatingIfNeeded: 3 &* (s & 3)) & 7
          let high = block.byte(32 &+ g >> 1) &>> UInt8(truncatingIfNeeded: 4 &* (g & 1))
          let point = codebook[Int(block.byte(g)) | Int(high & 7) << 8]
          let scale = d * Float(Int32(threeBits &* 2 &+ 1))
          expand(point, scale, high & 8 == 0 ? delta : -delta, y + (8 &* g))
        }
      }
    }
  }

  /// The bits of IQ1_M's d: the top nibbles of the four words of scales.
  @inline(__always)
  static func scale(_ scales: UnsafeRawPointer) -> UInt16 {
    let low = scales.u16(0) >> 12 | (scales.u16(2) >> 12) << 4
    return low | (scales.u16(4) >> 12) << 8 | (scales.u16(6) >> 12) << 12
  }

  @inline(__always)
  private static func expand(_ point: UInt64, _ scale: Float, _ shift: Float, _ y: Output) {
    for k in 0..<8 {
      let value = Int8(truncatingIfNeeded: point &>> UInt64(8 &* k))
      y[k] = scale * (Float(Int32(value)) + shift)
    }
  }
}
