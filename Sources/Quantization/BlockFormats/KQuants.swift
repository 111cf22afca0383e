// Q2_K … Q8_K: superblocks of 256 elements whose sub-blocks have quantized scales (and minima).

// swift-format-ignore: AlwaysUseLowerCamelCase
enum KQuants {
  /// 16 bytes of scale and minimum nibbles, 64 bytes of bit pairs, d, dmin → d·sc·q − dmin·m
  ///
  /// Half h, quarter j of 32 elements: bit pair j of the 32 bytes from 32h. A scale for every 16.
  static func q2_k(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 84, in: input, to: output, 256) { block, y in
      let d = block.half(80)
      let dmin = block.half(82)
      for s in 0..<16 {
        let qs = block + (16 &+ 32 &* (s >> 3) &+ 16 &* (s & 1))
        let y = y + (16 &* s)
        let scale = block.byte(s)
        let d1 = d * Float(Int32(scale & 15))
        let m1 = dmin * Float(Int32(scale >> 4))
        let shift = UInt8(truncatingIfNeeded: s & 6)
        for l in 0..<16 { y[l] = d1 * Float(Int32(qs.byte(l) &>> shift & 3)) - m1 }
      }
    }
  }

  /// 32 bytes of third bits, 64 bytes of bit pairs, 12 bytes of 16 scales of 6 bits, d → d(sc − 32)q
  ///
  /// Bit pairs as in Q2_K; they count from −4 unless bit 4h + j of byte l is set.
  static func q3_k(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 110, in: input, to: output, 256) { block, y in
      let d = block.half(108)
      let scales = block + 96
      for s in 0..<16 {
        let third = block + 16 &* (s & 1)
        let qs = block + (32 &+ 32 &* (s >> 3) &+ 16 &* (s & 1))
        let y = y + (16 &* s)
        let low = s < 8 ? scales.byte(s) & 15 : scales.byte(s &- 8) >> 4
        let high = scales.byte(8 &+ (s & 3)) &>> UInt8(truncatingIfNeeded: s >> 2 &* 2) & 3
        let d1 = d * Float(Int32(low | high << 4) &- 32)
        let shift = UInt8(truncatingIfNeeded: s & 6)
        let bit = UInt8(truncatingIfNeeded: s >> 1)
        for l in 0..<16 {
          let q = Int32(qs.byte(l) &>> shift & 3 | (third.byte(l) &>> bit & 1) << 2)
          y[l] = d1 * Float(q &- 4)
        }
      }
    }
  }

  /// d, dmin, 12 bytes of 8 scales and 8 minima of 6 bits, 128 bytes → d·sc·q − dmin·m
  ///
  /// 32 bytes from 32p: low nibbles are sub-block 2p, high nibbles 2p + 1.
  static func q4_k(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 144, in: input, to: output, 256) { block, y in
      for p in 0..<4 {
        let qs = block + (16 &+ 32 &* p)
        let y = y + (64 &* p)
        let (d1, m1) = scaleAndMin(block, 2 &* p)
        let (d2, m2) = scaleAndMin(block, 2 &* p &+ 1)
        for l in 0..<32 {
          let q = Int32(qs.byte(l))
          y[l] = d1 * Float(q & 15) - m1
          y[32 &+ l] = d2 * Float(q >> 4) - m2
        }
      }
    }
  }

  /// As Q4_K, with 32 bytes before the nibbles: bit s of byte l is the fifth bit of sub-block s, element l.
  static func q5_k(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 176, in: input, to: output, 256) { block, y in
      let qh = block + 16
      for p in 0..<4 {
        let qs = block + (48 &+ 32 &* p)
        let y = y + (64 &* p)
        let (d1, m1) = scaleAndMin(block, 2 &* p)
        let (d2, m2) = scaleAndMin(block, 2 &* p &+ 1)
        let shift = UInt8(truncatingIfNeeded: 2 &* p)
        for l in 0..<32 {
          let q = qs.byte(l)
          let fifth = qh.byte(l) &>> shift
          y[l] = d1 * Float(Int32(q & 15 | (fifth & 1) << 4)) - m1
          y[32 &+ l] = d2 * Float(Int32(q >> 4 | (fifth & 2) << 3)) - m2
        }
      }
    }
  }

  /// 128 bytes of low nibbles, 64 of high bit pairs, 16 × i8 scales, d → d·sc(q − 32)
  ///
  /// Each half h of 128 elements has four quarters t of 32: nibbles of the 64 bytes from 64h (low for
  /// t < 2), bit pair t of the 32 bytes from 32h.
  static func q6_k(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 210, in: input, to: output, 256) { block, y in
      let d = block.half(208)
      for s in 0..<16 {
        let (h, t) = (s >> 3, s >> 1 & 3)
        let ql = block + (64 &* h &+ 32 &* (t & 1) &+ 16 &* (s & 1))
        let qh = block + (128 &+ 32 &* h &+ 16 &* (s & 1))
        let y = y + (16 &* s)
        let d1 = d * Float(Int32(Int8(bitPattern: block.byte(192 &+ s))))
        let low = UInt8(truncatingIfNeeded: t >> 1 &* 4)
        let high = UInt8(truncatingIfNeeded: 2 &* t)
        for l in 0..<16 {
          let q = Int32(ql.byte(l) &>> low & 15 | (qh.byte(l) &>> high & 3) << 4)
          y[l] = d1 * Float(q &- 32)
        }
      }
    }
  }

  /// f32 d, 256 × i8, 16 × i16 sums of 16 → d·q
  static func q8_k(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 292, in: input, to: output, 256) { block, y in
      scaledBytes(block + 4, Float(bitPattern: block.u32(0)), y, 256)
    }
  }

  /// d·scale and dmin·minimum of sub-block j of 8, from the start of a Q4_K or Q5_K block.
  ///
  /// The 12 bytes at 4 hold the first four scales and minima in the low 6 bits of bytes 0–3 and 4–7, the
  /// others with their low nibbles in bytes 8–11 and their high bits atop bytes 0–7.
  @inline(__always)
  private static func scaleAndMin(_ block: UnsafeRawPointer, _ j: Int) -> (Float, Float) {
    let s = block + 4
    let scale: UInt8
    let min: UInt8
    if j < 4 {
      scale = s.byte(j) & 63
      min = s.byte(j &+ 4) & 63
    } else {
      scale = s.byte(j &+ 4) & 15 | (s.byte(j &- 4) >> 6) << 4
      min = s.byte(j &+ 4) >> 4 | (s.byte(j) >> 6) << 4
    }
    return (block.half(0) * Float(Int32(scale)), block.half(2) * Float(Int32(min)))
  }
}
