// Plain numbers, one to a "block".

enum Plain {
  static func f32(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ count: Int) {
    UnsafeMutableRawPointer(output).copyMemory(from: input, byteCount: 4 * count)
  }

  static func f16(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count { output[i] = input.half(at: 2 &* i) }
  }

  static func bf16(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count {
      let bits = input.loadUnaligned(fromByteOffset: 2 &* i, as: UInt16.self)
      output[i] = Float(bitPattern: UInt32(bits) << 16)
    }
  }

  static func f64(_ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count { output[i] = Float(input.loadUnaligned(fromByteOffset: 8 &* i, as: Double.self)) }
  }

  static func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> BlockDecoder {
    { input, output, count in
      for i in 0..<count {
        output[i] = Float(input.loadUnaligned(fromByteOffset: MemoryLayout<T>.size &* i, as: T.self))
      }
    }
  }
}
