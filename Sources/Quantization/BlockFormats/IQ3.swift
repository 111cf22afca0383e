// IQ3_XXS and IQ3_S: points of 4 values with signs, two to a byte of signs, under 4-bit scales s.

// swift-format-ignore: AlwaysUseLowerCamelCase
enum IQ3 {
  /// d, 64 bytes of indices, 8 × u32 of 4 × 7 sign bits and 4 bits s → d(s + ½)/2
  static func iq3_xxs(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Codebooks.iq3XXS.withUnsafeBufferPointer { codebook in
      let codebook = codebook.baseAddress!
      Blocks.each(blocks, of: 98, in: input, to: output, 256) { block, y in
        let d = block.half(0)
        for s in 0..<8 {
          let indices = block + (2 &+ 8 &* s)
          let rest = block.u32(66 &+ 4 &* s)
          let scale = d * (0.5 + Float(Int32(rest >> 28))) * 0.5
          for k in 0..<4 {
            let signs = Codebooks.evenSigns(rest &>> UInt32(truncatingIfNeeded: 7 &* k))
            let y = y + (32 &* s &+ 8 &* k)
            let first = UInt64(codebook[Int(indices.byte(2 &* k))])
            let second = UInt64(codebook[Int(indices.byte(2 &* k &+ 1))])
            Codebooks.expand(first | second << 32, signs, scale, y)
          }
        }
      }
    }
  }

  /// d, 64 bytes of indices, 64 high index bits, 32 bytes of signs, 8 nibbles s → d(2s + 1)
  static func iq3_s(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Codebooks.iq3S.withUnsafeBufferPointer { codebook in
      let codebook = codebook.baseAddress!
      Blocks.each(blocks, of: 110, in: input, to: output, 256) { block, y in
        let d = block.half(0)
        for g in 0..<32 {
          let indices = block + (2 &+ 2 &* g)
          let high = Int(block.byte(66 &+ g >> 2) &>> UInt8(truncatingIfNeeded: 2 &* (g & 3)))
          let s = block.byte(106 &+ g >> 3) &>> UInt8(truncatingIfNeeded: g & 4) & 15
          let scale = d * Float(Int32(2 &* s &+ 1))
          let first = UInt64(codebook[Int(indices.byte(0)) | high << 8 & 256])
          let second = UInt64(codebook[Int(indices.byte(1)) | high << 7 & 256])
          let y = y + (8 &* g)
          Codebooks.expand(first | second << 32, block.byte(74 &+ g), scale, y)
        }
      }
    }
  }
}
