// IQ2_XXS, IQ2_XS, IQ2_S: points of 8 values 8, 25 or 43 with signs, under 4-bit scales s: d(s + ½)/4.

// swift-format-ignore: AlwaysUseLowerCamelCase
enum IQ2 {
  /// d, then per 32 elements 4 bytes of indices and a u32 of 4 × 7 sign bits and 4 bits s
  static func iq2_xxs(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Codebooks.iq2XXS.withUnsafeBufferPointer { codebook in
      let codebook = codebook.baseAddress!
      Blocks.each(blocks, of: 66, in: input, to: output, 256) { block, y in
        let d = block.half(0)
        for s in 0..<8 {
          let indices = block + (2 &+ 8 &* s)
          let rest = indices.u32(4)
          let scale = scale(d, UInt8(truncatingIfNeeded: rest >> 28))
          for k in 0..<4 {
            let signs = Codebooks.evenSigns(rest &>> UInt32(truncatingIfNeeded: 7 &* k))
            let point = codebook[Int(indices.byte(k))]
            Codebooks.expand(point, signs, scale, y + (32 &* s &+ 8 &* k))
          }
        }
      }
    }
  }

  /// d, 32 × u16 (9 bits index, 7 sign bits), 16 nibbles s
  static func iq2_xs(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Codebooks.iq2XS.withUnsafeBufferPointer { codebook in
      let codebook = codebook.baseAddress!
      Blocks.each(blocks, of: 74, in: input, to: output, 256) { block, y in
        let d = block.half(0)
        for g in 0..<32 {
          let word = block.u16(2 &+ 2 &* g)
          let scale = scale(d, nibble(block + 66, g >> 1))
          let signs = Codebooks.evenSigns(UInt32(word >> 9))
          Codebooks.expand(codebook[Int(word & 511)], signs, scale, y + (8 &* g))
        }
      }
    }
  }

  /// d, 32 bytes of indices, 32 of signs, 32 × 2 high index bits, 16 nibbles s
  static func iq2_s(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Codebooks.iq2S.withUnsafeBufferPointer { codebook in
      let codebook = codebook.baseAddress!
      Blocks.each(blocks, of: 82, in: input, to: output, 256) { block, y in
        let d = block.half(0)
        for g in 0..<32 {
          let high = block.byte(66 &+ g >> 2) &>> UInt8(truncatingIfNeeded: 2 &* (g & 3)) & 3
          let point = codebook[Int(block.byte(2 &+ g)) | Int(high) << 8]
          let scale = scale(d, nibble(block + 74, g >> 1))
          Codebooks.expand(point, block.byte(34 &+ g), scale, y + (8 &* g))
        }
      }
    }
  }

  @inline(__always)
  private static func scale(_ d: Float, _ s: UInt8) -> Float { d * (0.5 + Float(Int32(s))) * 0.25 }

  @inline(__always)
  private static func nibble(_ bytes: UnsafeRawPointer, _ index: Int) -> UInt8 {
    bytes.byte(index >> 1) &>> UInt8(truncatingIfNeeded: 4 &* (index & 1)) & 15
  }
}
