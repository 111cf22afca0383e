/// The loop that all block decoders share.
enum Blocks {
  /// Calls `decode` with each of `count` blocks of `size` bytes and the place for its `elements` values.
  ///
  /// A decoder gets a copy of its block on the stack: only then can the compiler exclude that output and
  /// input overlap, and vectorise (ten times faster for Q8_0).
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
