// Q4_0 … Q8_1: 32 elements with a half scale d, and in the _1 formats a half minimum m.
// Nibbles: byte j holds element j low and element j + 16 high. Fifth bits: bit j of a u32 is element j's.

// swift-format-ignore: AlwaysUseLowerCamelCase
enum Legacy {
  /// d, 16 bytes → d(q − 8)
  static func q4_0(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ blocks: Int) {
    for b in 0..<blocks {
      let block = input + 18 &* b
      let y = output + 32 &* b
      let d = block.half(at: 0)
      for j in 0..<16 {
        let q = Int32(block.byte(2 &+ j))
        y[j] = d * Float((q & 15) &- 8)
        y[j &+ 16] = d * Float((q >> 4) &- 8)
      }
    }
  }

  /// d, m, 16 bytes → d·q + m
  static func q4_1(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ blocks: Int) {
    for b in 0..<blocks {
      let block = input + 20 &* b
      let y = output + 32 &* b
      let d = block.half(at: 0)
      let m = block.half(at: 2)
      for j in 0..<16 {
        let q = Int32(block.byte(4 &+ j))
        y[j] = d * Float(q & 15) + m
        y[j &+ 16] = d * Float(q >> 4) + m
      }
    }
  }

  /// d, fifth bits, 16 bytes → d(q − 16)
  static func q5_0(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ blocks: Int) {
    for b in 0..<blocks {
      let block = input + 22 &* b
      let y = output + 32 &* b
      let d = block.half(at: 0)
      let fifth = block.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
      for j in 0..<16 {
        let q = Int32(block.byte(6 &+ j))
        let low = (q & 15) | fifthBit(fifth, j)
        let high = (q >> 4) | fifthBit(fifth, j &+ 16)
        y[j] = d * Float(low &- 16)
        y[j &+ 16] = d * Float(high &- 16)
      }
    }
  }

  /// d, m, fifth bits, 16 bytes → d·q + m
  static func q5_1(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ blocks: Int) {
    for b in 0..<blocks {
      let block = input + 24 &* b
      let y = output + 32 &* b
      let d = block.half(at: 0)
      let m = block.half(at: 2)
      let fifth = block.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
      for j in 0..<16 {
        let q = Int32(block.byte(8 &+ j))
        let low = (q & 15) | fifthBit(fifth, j)
        let high = (q >> 4) | fifthBit(fifth, j &+ 16)
        y[j] = d * Float(low) + m
        y[j &+ 16] = d * Float(high) + m
      }
    }
  }

  /// d, 32 × i8 → d·q
  static func q8_0(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ blocks: Int) {
    for b in 0..<blocks { scaledBytes(input + 34 &* b, at: 2, output + 32 &* b) }
  }

  /// d, the sum that a dot product with a minimum needs, 32 × i8 → d·q
  static func q8_1(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ blocks: Int) {
    for b in 0..<blocks { scaledBytes(input + 36 &* b, at: 4, output + 32 &* b) }
  }

  @inline(__always)
  private static func scaledBytes(_ block: UnsafeRawPointer, at start: Int, _ y: UnsafeMutablePointer<Float>)
  {
    let d = block.half(at: 0)
    for j in 0..<32 { y[j] = d * Float(Int8(bitPattern: block.byte(start &+ j))) }
  }

  @inline(__always)
  private static func fifthBit(_ bits: UInt32, _ j: Int) -> Int32 {
    Int32(bitPattern: ((bits &>> UInt32(truncatingIfNeeded: j)) & 1) << 4)
  }
}
