/// A checksum of 64 bits, computed about as fast as memory is read. It notices damage, not malice: whoever
/// wants to can make other bytes with the same sum.
public struct Checksum: Sendable {
  // Fletcher's checksum, in eight lanes of 64 bits: sums of the words, and sums of these sums, which tell
  // their order. The sums are rotated before each word, so that changes of the highest bits of two words do
  // not cancel each other.
  private var sums = SIMD8<UInt64>(repeating: 1)
  private var sumsOfSums = SIMD8<UInt64>()

  public init() {}

  /// Adds bytes, filled up with zeros to a multiple of 64.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let width = MemoryLayout<SIMD8<UInt64>>.size
    let whole = bytes.count / width * width
    for offset in stride(from: 0, to: whole, by: width) {
      add(bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self))
    }
    guard whole < bytes.count else { return }
    var rest = SIMD8<UInt64>()
    withUnsafeMutableBytes(of: &rest) { $0.copyMemory(from: .init(rebasing: bytes[whole...])) }
    add(rest)
  }

  private mutating func add(_ words: SIMD8<UInt64>) {
    sums = (sums &<< 7 | sums &>> 57) &+ words
    sumsOfSums &+= sums
  }

  public var value: UInt64 {
    var value: UInt64 = 0
    for lanes in [sums, sumsOfSums] {
      for lane in lanes.indices {
        // Each step is a bijection, so that no lane can hide what another has found.
        value = (value ^ lanes[lane]) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 32
      }
    }
    return value
  }

  /// The checksum of `bytes` alone.
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var checksum = Checksum()
    checksum.add(bytes)
    return checksum.value
  }
}
