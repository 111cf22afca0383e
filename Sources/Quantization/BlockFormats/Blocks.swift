/// The loop that all block decoders share.
enum Blocks {
  /// Calls `decode` with each of `count` blocks of `size` bytes and the place for its `elements` values.
  ///
  /// A decoder sees a copy of its block on the stack: only so does the compiler know that what it writes
  /// cannot change what it reads, and vectorises (ten times faster for Q8_0).
  @inline(__always)
  static func each(
    _ count: Int, of size: Int, in input: UnsafeRawPointer, to output: Output, _ elements: Int,
    _ decode: (_ block: UnsafeRawPointer, _ values: Output) -> Void
  ) {
    withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { copy in
      let block = copy.baseAddress!
      for index in 0..<count {
        block.copyMemory(from: input + size &* index, byteCount: size)
        decode(UnsafeRawPointer(block), output + elements &* index)
      }
    }
  }
}
