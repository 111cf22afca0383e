// Plain numbers, one to a "block".

enum Plain {
  static func f32(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    UnsafeMutableRawPointer(output).copyMemory(from: input, byteCount: 4 &* count)
  }

  static func f16(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    eachNumber(count, UInt16.self, input, output) { half($0) }
  }

  static func bf16(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    eachNumber(count, UInt16.self, input, output) { Float(bitPattern: UInt32($0) << 16) }
  }

  static func f64(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    eachNumber(count, Double.self, input, output) { Float($0) }
  }

  static func i8(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    eachNumber(count, Int8.self, input, output) { Float($0) }
  }

  static func i16(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    eachNumber(count, Int16.self, input, output) { Float($0) }
  }

  static func i32(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    eachNumber(count, Int32.self, input, output) { Float($0) }
  }

  static func i64(_ input: UnsafeRawPointer, _ output: Output, _ count: Int) {
    eachNumber(count, Int64.self, input, output) { Float($0) }
  }

  @inline(__always)
  private static func eachNumber<Number: BitwiseCopyable>(
    _ count: Int, _ type: Number.Type, _ input: UnsafeRawPointer, _ output: Output,
    _ convert: (Number) -> Float
  ) {
    for i in 0..<count {
      output[i] = convert(
        input.loadUnaligned(fromByteOffset: MemoryLayout<Number>.size &* i, as: Number.self))
    }
  }
}
