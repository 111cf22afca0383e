/// The merge of two neighbouring symbols: its priority, and the token it makes.
struct Merge: Equatable {
  private let bits: UInt64

  /// For neighbours that do not merge.
  static let none = Merge(bits: .max)

  private init(bits: UInt64) { self.bits = bits }

  /// Merges of lower rank come first.
  init(rank: UInt32, into token: Token) {
    bits = UInt64(min(rank, .max - 1)) << 32 | UInt64(UInt32(truncatingIfNeeded: token))
  }

  /// Merges of higher score come first.
  init(score: Float, into token: Token) {
    let pattern = (score + 0).bitPattern  // adding zero makes −0 equal 0
    let ascending = pattern & 0x8000_0000 == 0 ? pattern | 0x8000_0000 : ~pattern
    self.init(rank: ~ascending, into: token)
  }

  @inline(__always)
  var token: Token { Token(truncatingIfNeeded: UInt32(truncatingIfNeeded: bits)) }
  @inline(__always)
  var rank: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) }
}
