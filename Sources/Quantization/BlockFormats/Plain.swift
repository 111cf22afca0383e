// Plain numbers, one to a "block".

enum Plain {
  static func f32(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    UnsafeMutableRawPointer(output).copyMemory(from: input, byteCount: 4 &* count)
  }

  static func f16(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    for i in 0..<count { output[i] = input.half(2 &* i) }
  }

  static func bf16(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    for i in 0..<count { output[i] = Float(bitPattern: UInt32(input.u16(2 &* i)) << 16) }
  }

  static func f64(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    for i in 0..<count { output[i] = Float(input.loadUnaligned(fromByteOffset: 8 &* i, as: Double.self)) }
  }

  /// Whole numbers of any width.
  static func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> BlockDecoder {
    { input, output, count in
      for i in 0..<count {
        output[i] = Float(input.loadUnaligned(fromByteOffset: MemoryLayout<T>.size &* i, as: T.self))
      }
    }
  }
}
