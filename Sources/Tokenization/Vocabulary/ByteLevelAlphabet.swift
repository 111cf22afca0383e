/// The alphabet in which GPT-2's byte-level vocabularies write bytes as visible characters: bytes that
/// Latin-1 prints stand for themselves, the other 68 are U+0100 and on, in order.
enum ByteLevelAlphabet {
  /// The byte that a scalar stands for; -1 for scalars outside the alphabet.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    var next = 0x100
    for byte in 0..<0x100 {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: bytes[byte] = Int16(byte)
      default:
        bytes[next] = Int16(byte)
        next += 1
      }
    }
    return bytes
  }()

  /// Appends the bytes that a piece of a vocabulary stands for. False, with `result` as it was, if the piece
  /// has characters outside the alphabet, as special tokens may.
  static func decode<Piece: RandomAccessCollection<UInt8>>(
    _ piece: Piece, into result: inout [UInt8]
  ) -> Bool where Piece.Index == Int {
    let start = result.count
    let bytes = bytes
    var index = piece.startIndex
    while index < piece.endIndex {
      let first = piece[index]
      var scalar = Int(first)
      index += 1
      if first >= 0x80 {
        // U+0080 to U+0143 take two bytes.
        guard (0xC2...0xC5).contains(first), index < piece.endIndex, piece[index] & 0xC0 == 0x80 else {
          result.removeSubrange(start...)
          return false
        }
        scalar = Int(first & 0x1F) << 6 | Int(piece[index] & 0x3F)
        index += 1
      }
      guard scalar < bytes.count, bytes[scalar] >= 0 else {
        result.removeSubrange(start...)
        return false
      }
      result.append(UInt8(truncatingIfNeeded: bytes[scalar]))
    }
    return true
  }
}
