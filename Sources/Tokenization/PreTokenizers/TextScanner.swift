/// A view of valid UTF-8 text that the pre-tokenizers' patterns walk over. Positions are byte offsets at
/// the start of a scalar.
struct TextScanner {
  let bytes: UnsafeBufferPointer<UInt8>
  /// The piece that the pattern at work sees: patterns that come after others see one piece at a time.
  var start: Int
  var end: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    start = 0
    end = bytes.count
  }

  /// The byte at a position, nil past the end.
  @inline(__always)
  func byte(at position: Int) -> UInt8? { position < end ? bytes[position] : nil }

  /// The scalar at a position before the end, and the position after it.
  @inline(__always)
  func scalar(at position: Int) -> (value: UInt32, next: Int) {
    let first = UInt32(bytes[position])
    if first < 0x80 { return (first, position + 1) }
    if first < 0xE0 { return ((first & 0x1F) << 6 | trail(position + 1), position + 2) }
    if first < 0xF0 {
      return ((first & 0x0F) << 12 | trail(position + 1) << 6 | trail(position + 2), position + 3)
    }
    let high = (first & 0x07) << 18 | trail(position + 1) << 12
    return (high | trail(position + 2) << 6 | trail(position + 3), position + 4)
  }

  /// The class of the scalar at a position, and the position after it; at the end the empty class.
  @inline(__always)
  func character(at position: Int) -> (kind: CharacterClass, next: Int) {
    guard position < end else { return ([], position) }
    let (value, next) = scalar(at: position)
    return (CharacterClass.of(value), next)
  }

  /// The end of the run of scalars from a position on that are in one of the classes, or in none of them
  /// with `inverted`.
  @inline(__always)
  func run(from position: Int, of classes: CharacterClass, inverted: Bool = false) -> Int {
    var position = position
    while position < end {
      let (kind, next) = character(at: position)
      if kind.meets(classes) == inverted { break }
      position = next
    }
    return position
  }

  @inline(__always)
  private func trail(_ position: Int) -> UInt32 { UInt32(bytes[position]) & 0x3F }
}
