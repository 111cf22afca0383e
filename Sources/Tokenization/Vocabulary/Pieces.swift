/// The bytes of all tokens, end to end.
struct Pieces: Sendable {
  private(set) var bytes: [UInt8] = []
  /// The offset at which each token's bytes begin, and that at which the last one's end.
  private var offsets: [UInt32] = [0]

  /// Bytes of the longest piece.
  private(set) var longest = 0

  var count: Int { offsets.count - 1 }

  mutating func reserve(tokens: Int, bytes: Int) {
    self.bytes.reserveCapacity(bytes)
    offsets.reserveCapacity(tokens + 1)
  }

  /// Adds the next token. The caller sees to it that all pieces together stay below 4 GiB.
  mutating func append(_ build: (inout [UInt8]) -> Void) {
    let start = bytes.count
    build(&bytes)
    offsets.append(UInt32(bytes.count))
    longest = max(longest, bytes.count - start)
  }

  @inline(__always)
  func range(of token: Token) -> Range<Int> {
    Int(offsets[Int(token)])..<Int(offsets[Int(token) + 1])
  }

  subscript(token: Token) -> ArraySlice<UInt8> { bytes[range(of: token)] }
}
