// Weights of few values: TQ1_0 and TQ2_0 (−d, 0, d), Q2_0 (−d … 2d), Q1_0 (±d), and bitnet.cpp's I2_S.

// swift-format-ignore: AlwaysUseLowerCamelCase
enum Ternary {
  /// 48 bytes of five trits, 4 of four, d → d(trit − 1)
  ///
  /// Trit n of byte b is the first base-3 digit of the fraction b·3^n / 256. Elements run byte-fastest over
  /// 32 bytes, then 16, then 4.
  static func tq1_0(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 54, in: input, to: output, 256) { block, y in
      let d = block.half(52)
      trits(block, 32, 5, d, y)
      trits(block + 32, 16, 5, d, y + 160)
      trits(block + 48, 4, 4, d, y + 240)
    }
  }

  @inline(__always)
  private static func trits(_ bytes: UnsafeRawPointer, _ width: Int, _ digits: Int, _ d: Float, _ y: Output) {
    var power: UInt8 = 1
    for n in 0..<digits {
      for j in 0..<width {
        let trit = Int32((UInt16(bytes.byte(j) &* power) &* 3) >> 8)
        y[n &* width &+ j] = d * Float(trit &- 1)
      }
      power = power &* 3
    }
  }

  /// 64 bytes of bit pairs, d → d(q − 1); pair l of 32 bytes is the l-th run of 32 elements.
  static func tq2_0(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 66, in: input, to: output, 256) { block, y in
      let d = block.half(64)
      for h in 0..<2 {
        for l in 0..<4 {
          let qs = block + 32 &* h
          let y = y + (128 &* h &+ 32 &* l)
          let shift = UInt8(truncatingIfNeeded: 2 &* l)
          for j in 0..<32 { y[j] = d * Float(Int32(qs.byte(j) &>> shift & 3) &- 1) }
        }
      }
    }
  }

  /// d, 16 bytes of bits in sequence → ±d
  static func q1_0(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 18, in: input, to: output, 128) { block, y in
      let d = block.half(0)
      for j in 0..<16 {
        let bits = block.byte(2 &+ j)
        for k in 0..<8 {
          let q = Int32(bits &>> UInt8(truncatingIfNeeded: k) & 1)
          y[8 &* j &+ k] = d * Float(2 &* q &- 1)
        }
      }
    }
  }

  /// d, 16 bytes of bit pairs in sequence → d(q − 1)
  static func q2_0(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    Blocks.each(blocks, of: 18, in: input, to: output, 64) { block, y in
      let d = block.half(0)
      for j in 0..<16 {
        let pairs = block.byte(2 &+ j)
        for k in 0..<4 {
          y[4 &* j &+ k] = d * Float(Int32(pairs &>> UInt8(truncatingIfNeeded: 2 &* k) & 3) &- 1)
        }
      }
    }
  }

  /// Blocks of 32 bytes for 128 elements, then one f32 scale of the whole tensor → scale(q − 1)
  ///
  /// Element 32g + p is in byte p at bits 6 − 2g.
  static func i2_s(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    let scale = Float(bitPattern: input.u32(32 &* blocks))
    Blocks.each(blocks, of: 32, in: input, to: output, 128) { block, y in
      for g in 0..<4 {
        let y = y + (32 &* g)
        let shift = UInt8(truncatingIfNeeded: 6 &- 2 &* g)
        for p in 0..<32 { y[p] = scale * Float(Int32(block.byte(p) &>> shift & 3) &- 1) }
      }
    }
  }

  /// Elements of an I2_S tensor from any of them on, as −1, 0 and 1: without the scale.
  static func i2_sCodes(
    _ tensor: UnsafeRawBufferPointer, from first: Int, into values: UnsafeMutableBufferPointer<Float>
  ) {
    for index in values.indices {
      let element = first + index
      let byte = tensor[element / 128 * 32 + element % 32]
      values[index] = Float(Int32(byte >> UInt8(6 - element % 128 / 32 * 2) & 3) - 1)
    }
  }
}
