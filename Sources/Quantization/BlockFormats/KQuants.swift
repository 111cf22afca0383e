// Q2_K … Q8_K: superblocks of 256 elements whose sub-blocks have quantized scales (and minima).

// swift-format-ignore: AlwaysUseLowerCamelCase
enum KQuants {
  /// d, dmin, 12 bytes of 8 scales and 8 minima of 6 bits, 128 bytes → d·sc·q − dmin·m
  ///
  /// 32 bytes from 32p: low nibbles are sub-block 2p, high nibbles 2p + 1.
  static func q4_k(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ blocks: Int) {
    for b in 0..<blocks {
      let block = input + 144 &* b
      let d = block.half(at: 0)
      let dmin = block.half(at: 2)
      for p in 0..<4 {
        let qs = block + (16 &+ 32 &* p)
        let y = output + (256 &* b &+ 64 &* p)
        let (scale1, min1) = scaleAndMin(block + 4, 2 &* p)
        let (scale2, min2) = scaleAndMin(block + 4, 2 &* p &+ 1)
        let d1 = d * scale1
        let m1 = dmin * min1
        let d2 = d * scale2
        let m2 = dmin * min2
        for l in 0..<32 {
          let q = Int32(qs.byte(l))
          y[l] = d1 * Float(q & 15) - m1
          y[32 &+ l] = d2 * Float(q >> 4) - m2
        }
      }
    }
  }

  /// As Q4_K, with 32 bytes before the nibbles: bit s of byte l is the fifth bit of sub-block s, element l.
  static func q5_k(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ blocks: Int) {
    for b in 0..<blocks {
      let block = input + 176 &* b
      let d = block.half(at: 0)
      let dmin = block.half(at: 2)
      let qh = block + 16
      for p in 0..<4 {
        let qs = block + (48 &+ 32 &* p)
        let y = output + (256 &* b &+ 64 &* p)
        let (scale1, min1) = scaleAndMin(block + 4, 2 &* p)
        let (scale2, min2) = scaleAndMin(block + 4, 2 &* p &+ 1)
        let d1 = d * scale1
        let m1 = dmin * min1
        let d2 = d * scale2
        let m2 = dmin * min2
        let shift = UInt8(truncatingIfNeeded: 2 &* p)
        for l in 0..<32 {
          let q = qs.byte(l)
          let high = qh.byte(l) &>> shift
          y[l] = d1 * Float(Int32((q & 15) | (high & 1) << 4)) - m1
          y[32 &+ l] = d2 * Float(Int32((q >> 4) | (high & 2) << 3)) - m2
        }
      }
    }
  }

  /// 128 bytes of low nibbles, 64 of high bit pairs, 16 × i8 scales, d → d·sc(q − 32)
  ///
  /// Each half of 128 elements has four quarters t of 32: nibbles of 64 bytes (low for t < 2), bit pair t
  /// of 32 bytes.
  static func q6_k(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ blocks: Int) {
    for b in 0..<blocks {
      let block = input + 210 &* b
      let d = block.half(at: 208)
      for h in 0..<2 {
        let qh = block + (128 &+ 32 &* h)
        for t in 0..<4 {
          let ql = block + (64 &* h &+ 32 &* (t & 1))
          let scales = block + (192 &+ 8 &* h &+ 2 &* t)
          let y = output + (256 &* b &+ 128 &* h &+ 32 &* t)
          let d1 = d * Float(Int8(bitPattern: scales.byte(0)))
          let d2 = d * Float(Int8(bitPattern: scales.byte(1)))
          let low = UInt8(truncatingIfNeeded: t < 2 ? 0 : 4)
          let high = UInt8(truncatingIfNeeded: 2 &* t)
          for l in 0..<16 {
            y[l] = d1 * sixBits(ql.byte(l) &>> low, qh.byte(l) &>> high)
            y[16 &+ l] = d2 * sixBits(ql.byte(16 &+ l) &>> low, qh.byte(16 &+ l) &>> high)
          }
        }
      }
    }
  }

  @inline(__always)
  private static func sixBits(_ low: UInt8, _ high: UInt8) -> Float {
    Float(Int32((low & 15) | (high & 3) << 4) &- 32)
  }

  /// Scale and minimum j of 8, packed in 12 bytes: the first four of each in the low 6 bits of bytes 0–3
  /// and 4–7, the others with their low nibble in bytes 8–11 and their high bits atop bytes 0–7.
  @inline(__always)
  private static func scaleAndMin(_ s: UnsafeRawPointer, _ j: Int) -> (Float, Float) {
    if j < 4 {
      (Float(Int32(s.byte(j) & 63)), Float(Int32(s.byte(j &+ 4) & 63)))
    } else {
      (
        Float(Int32((s.byte(j &+ 4) & 15) | (s.byte(j &- 4) >> 6) << 4)),
        Float(Int32((s.byte(j &+ 4) >> 4) | (s.byte(j) >> 6) << 4))
      )
    }
  }
}
