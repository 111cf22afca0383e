/// The text of a cell: up to six scalars in sixteen bytes, since cells are copied and compared by the
/// thousand, and each string would cost reference counting.
struct GlyphText: Hashable, Sendable {
  /// Three scalars of 21 bits each, the first in the lowest; zeros behind the last.
  private var first: UInt64 = 0
  private var rest: UInt64 = 0

  static let capacity = 6
  private static let perWord = 3

  /// The first six scalars of a text.
  init(_ text: String) {
    for scalar in text.unicodeScalars { append(scalar) }
  }

  init(_ scalar: Unicode.Scalar) { first = UInt64(scalar.value) }

  /// Adds a scalar while there is room.
  mutating func append(_ scalar: Unicode.Scalar) {
    let place = count
    guard place < Self.capacity else { return }
    let shifted = UInt64(scalar.value) << Self.shift(place)
    if place < Self.perWord { first |= shifted } else { rest |= shifted }
  }

  /// The number of scalars.
  var count: Int { (0..<Self.capacity).first { self[$0] == 0 } ?? Self.capacity }

  /// The value of a scalar; 0 behind the last.
  subscript(place: Int) -> UInt32 {
    let word = place < Self.perWord ? first : rest
    return UInt32(truncatingIfNeeded: word >> Self.shift(place) & 0x1F_FFFF)
  }

  private static func shift(_ place: Int) -> Int { place % perWord * 21 }

  var isEmpty: Bool { first == 0 }

  /// Whether it is one character of printable ASCII.
  var isPlain: Bool { first >= 0x20 && first < 0x7F }

  var string: String {
    var string = String.UnicodeScalarView()
    for place in 0..<count { Unicode.Scalar(self[place]).map { string.append($0) } }
    return String(string)
  }
}

extension GlyphText: ExpressibleByStringLiteral {
  init(stringLiteral text: String) { self.init(text) }
}
