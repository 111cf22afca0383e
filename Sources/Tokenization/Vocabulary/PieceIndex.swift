/// Finds tokens by their bytes: an open-addressing hash table over pieces that lie end to end in one array.
///
/// A vocabulary has up to a quarter million pieces, and loading it looks up three for every merge; a
/// dictionary keyed by arrays would take longer than the rest of starting up.
struct PieceIndex: Sendable {
  /// The upper half of the hash and the token's id plus one; zero in empty slots.
  private var slots: [UInt64]
  private let mask: Int

  /// An empty index with room for `capacity` pieces.
  init(capacity: Int) {
    let size = max(16, capacity * 2).nextPowerOfTwo
    slots = [UInt64](repeating: 0, count: size)
    mask = size - 1
  }

  /// Adds a token unless one with the same bytes is there already.
  mutating func insert(_ token: Token, in pieces: borrowing Pieces) {
    pieces.bytes.withUnsafeBufferPointer { bytes in
      let piece = UnsafeBufferPointer(rebasing: bytes[pieces.range(of: token)])
      let hash = Self.hash(piece)
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] != 0 {
        if matches(slots[slot], hash, piece, pieces, bytes) { return }
        slot = (slot + 1) & mask
      }
      slots[slot] = hash & ~0xFFFF_FFFF | UInt64(UInt32(truncatingIfNeeded: token) &+ 1)
    }
  }

  /// The token with just these bytes.
  func token(of piece: UnsafeBufferPointer<UInt8>, in pieces: borrowing Pieces) -> Token? {
    pieces.bytes.withUnsafeBufferPointer { bytes in
      let hash = Self.hash(piece)
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] != 0 {
        if matches(slots[slot], hash, piece, pieces, bytes) { return Self.token(slots[slot]) }
        slot = (slot + 1) & mask
      }
      return nil
    }
  }

  @inline(__always)
  private func matches(
    _ slot: UInt64, _ hash: UInt64, _ piece: UnsafeBufferPointer<UInt8>, _ pieces: borrowing Pieces,
    _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard slot >> 32 == hash >> 32 else { return false }
    let range = pieces.range(of: Self.token(slot))
    guard range.count == piece.count else { return false }
    for offset in 0..<piece.count where bytes[range.lowerBound + offset] != piece[offset] { return false }
    return true
  }

  @inline(__always)
  private static func token(_ slot: UInt64) -> Token {
    Token(truncatingIfNeeded: UInt32(truncatingIfNeeded: slot) &- 1)
  }

  /// Multiplies and folds eight bytes at a time.
  @inline(__always)
  private static func hash(_ piece: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash = UInt64(piece.count) &* 0x9E37_79B9_7F4A_7C15
    var offset = 0
    let raw = UnsafeRawBufferPointer(piece)
    while offset + 8 <= raw.count {
      hash = mix(hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var tail: UInt64 = 0
    while offset < raw.count {
      tail = tail << 8 | UInt64(raw[offset])
      offset += 1
    }
    return mix(hash ^ tail)
  }

  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }
}

extension Int {
  /// The smallest power of two that is no smaller; the number must be positive and below 2^62.
  var nextPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
