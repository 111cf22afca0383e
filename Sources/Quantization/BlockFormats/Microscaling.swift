// Elements of a 4-bit float (E2M1) under small shared scales (OCP Microscaling Formats).

enum Microscaling {
  /// Twice the values of E2M1: sign, two bits of exponent, one of mantissa.
  private static let doubled: [Float] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]

  /// Exponent e, 16 bytes of nibbles (low = element j, high = j + 16) → 2^(e − 128) · doubled
  static func mxfp4(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    doubled.withUnsafeBufferPointer { table in
      let table = table.baseAddress!
      Blocks.each(blocks, of: 17, in: input, to: output, 32) { block, y in
        nibbles(block + 1, 16, powerOfTwo(block.byte(0)), table, y)
      }
    }
  }

  /// 4 scales of unsigned E4M3, 4 × 8 bytes of nibbles (low = element j, high = j + 8) → scale/2 · doubled
  static func nvfp4(_ input: UnsafeRawPointer, _ output: Output, _ blocks: Int) {
    doubled.withUnsafeBufferPointer { table in
      let table = table.baseAddress!
      Blocks.each(blocks, of: 36, in: input, to: output, 64) { block, y in
        for s in 0..<4 {
          nibbles(block + (4 &+ 8 &* s), 8, halfE4M3(block.byte(s)), table, y + (16 &* s))
        }
      }
    }
  }

  @inline(__always)
  private static func nibbles(
    _ bytes: UnsafeRawPointer, _ count: Int, _ scale: Float, _ table: UnsafePointer<Float>, _ y: Output
  ) {
    for j in 0..<count {
      let q = bytes.byte(j)
      y[j] = scale * table[Int(q & 15)]
      y[j &+ count] = scale * table[Int(q >> 4)]
    }
  }

  /// 2^(e − 128), subnormal for e < 2.
  @inline(__always)
  private static func powerOfTwo(_ e: UInt8) -> Float {
    Float(bitPattern: e < 2 ? 0x0020_0000 << UInt32(e) : UInt32(e &- 1) << 23)
  }

  /// Half of an unsigned E4M3 number: bias 7, subnormals, 0x7F (NaN) read as zero.
  @inline(__always)
  private static func halfE4M3(_ x: UInt8) -> Float {
    guard x != 0x7F else { return 0 }
    let exponent = UInt32(x >> 3 & 15)
    let mantissa = UInt32(x & 7)
    return exponent == 0
      ? Float(mantissa) * 0x1p-10 : Float(bitPattern: (exponent &+ 119) << 23 | mantissa << 20)
  }
}
