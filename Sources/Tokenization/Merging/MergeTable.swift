/// The merges of a byte-pair vocabulary by the pair of tokens they join: an open-addressing hash table.
struct MergeTable: Sendable {
  private struct Entry {
    var pair = UInt64.max
    var merge = Merge.none
  }

  private var entries: [Entry]
  private let shift: Int

  init(capacity: Int) {
    let size = max(16, capacity * 2).nextPowerOfTwo
    entries = [Entry](repeating: Entry(), count: size)
    shift = 64 - size.trailingZeroBitCount
  }

  /// Adds a merge unless the pair has one of lower rank already.
  mutating func insert(_ left: Token, _ right: Token, _ merge: Merge) {
    let pair = Self.pair(left, right)
    var slot = self.slot(of: pair)
    while entries[slot].pair != .max {
      if entries[slot].pair == pair { return }
      slot = (slot + 1) & (entries.count - 1)
    }
    entries[slot] = Entry(pair: pair, merge: merge)
  }

  @inline(__always)
  func merge(_ left: Token, _ right: Token) -> Merge {
    let pair = Self.pair(left, right)
    var slot = self.slot(of: pair)
    while true {
      let entry = entries[slot]
      if entry.pair == pair { return entry.merge }
      if entry.pair == .max { return .none }
      slot = (slot + 1) & (entries.count - 1)
    }
  }

  @inline(__always)
  private func slot(of pair: UInt64) -> Int {
    Int(truncatingIfNeeded: (pair &* 0x9E37_79B9_7F4A_7C15) >> UInt64(shift))
  }

  @inline(__always)
  private static func pair(_ left: Token, _ right: Token) -> UInt64 {
    UInt64(UInt32(truncatingIfNeeded: left)) << 32 | UInt64(UInt32(truncatingIfNeeded: right))
  }
}
