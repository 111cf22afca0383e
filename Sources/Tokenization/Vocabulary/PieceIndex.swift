/// Tokens by their bytes: an open-addressing hash table over pieces that lie end to end in one array.
///
/// A vocabulary has up to a quarter million pieces, and loading it looks up three for every merge; a
/// dictionary keyed by arrays would take longer than the rest of starting up.
struct PieceIndex: Sendable {
  private struct Slot {
    /// The piece's bytes if they are eight at most, else their hash. Most pieces are that short, and finding
    /// them reads only the slot: a third of the cache misses.
    var key: UInt64 = 0
    var length: UInt32 = 0
    /// -1 in empty slots.
    var token: Token = -1
  }

  private var slots: [Slot]
  private let mask: Int

  /// An empty index with room for `capacity` pieces.
  init(capacity: Int) {
    let size = max(16, capacity * 2).nextPowerOfTwo
    slots = [Slot](repeating: Slot(), count: size)
    mask = size - 1
  }

  /// Adds a token unless one with the same bytes is there already.
  mutating func insert(_ token: Token, in pieces: borrowing Pieces) {
    pieces.bytes.withUnsafeBufferPointer { bytes in
      let piece = UnsafeBufferPointer(rebasing: bytes[pieces.range(of: token)])
      let key = Self.key(piece)
      let index = slot(of: piece, key, pieces)
      guard slots[index].token < 0 else { return }
      slots[index] = Slot(key: key, length: UInt32(piece.count), token: token)
    }
  }

  /// The token with just these bytes.
  func token(of piece: UnsafeBufferPointer<UInt8>, in pieces: borrowing Pieces) -> Token? {
    let token = slots[slot(of: piece, Self.key(piece), pieces)].token
    return token < 0 ? nil : token
  }

  /// The slot that holds the piece, or would.
  @inline(__always)
  private func slot(
    of piece: UnsafeBufferPointer<UInt8>, _ key: UInt64, _ pieces: borrowing Pieces
  ) -> Int {
    var index = Int(truncatingIfNeeded: Self.mix(key ^ UInt64(piece.count) &* 0x9E37_79B9_7F4A_7C15)) & mask
    while true {
      let slot = slots[index]
      if slot.token < 0 { return index }
      if slot.key == key, slot.length == piece.count,
        piece.count <= 8 || pieces[slot.token].elementsEqual(piece)
      {
        return index
      }
      index = (index + 1) & mask
    }
  }

  /// The bytes themselves if they are eight at most; else a hash that multiplies and folds eight at a time.
  @inline(__always)
  private static func key(_ piece: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let raw = UnsafeRawBufferPointer(piece)
    var hash: UInt64 = 0
    var offset = 0
    while offset + 8 < raw.count {
      hash = mix(hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var tail: UInt64 = 0
    while offset < raw.count {
      tail = tail << 8 | UInt64(raw[offset])
      offset += 1
    }
    return hash ^ tail
  }

  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xE703_7ED1_A0B4_28DB).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }
}

extension Int {
  /// The smallest power of two that is no smaller; the number must be positive and below 2^62.
  var nextPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
