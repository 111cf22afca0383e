/// ncurses' numbers of colours, lent to any colours there are.
///
/// ncurses has numbers for 256 colours, and for more only on terminals whose terminfo entry says so, which
/// few systems have. On a terminal that shows all colours, the numbers from 16 on stand for the colours that
/// are on the screen, and ``translated(_:)`` puts these in their place in what ncurses writes.
struct ColorSlots {
  /// The first 16 are the terminal's own.
  private static let first = 16
  static let count = 256 - first

  private var colors: [Color] = []
  private var numbers: [Color: Int] = [:]

  /// Whether these colours have numbers, or there is room for them.
  func hasRoom(for wanted: some Sequence<Color>) -> Bool {
    var new: Set<Color> = []
    for color in wanted where color.isLent && numbers[color] == nil { new.insert(color) }
    return colors.count + new.count <= Self.count
  }

  /// The number that stands for a colour; where there is none left, that of the nearest which has one.
  mutating func number(of color: Color) -> Int {
    guard color.isLent else { return Int(color.index) }
    if let number = numbers[color] { return number }
    guard colors.count < Self.count else {
      let place = colors.indices.min { colors[$0].distance(to: color) < colors[$1].distance(to: color) }
      return Self.first + (place ?? 0)
    }
    colors.append(color)
    numbers[color] = Self.first + colors.count - 1
    return Self.first + colors.count - 1
  }

  mutating func removeAll() {
    colors = []
    numbers = [:]
  }

  /// The bytes of an update with the colours in place of the numbers: `CSI 38;5;20 m` becomes
  /// `CSI 38;2;28;28;31 m`.
  func translated(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * 5 / 4)
    var at = 0
    while at < bytes.count {
      if bytes[at] == 0x1B, let (ground, number, end) = Self.selection(bytes, at), number >= Self.first,
        colors.indices.contains(number - Self.first)
      {
        let rgb = colors[number - Self.first].rgb
        result += "\u{1B}[\(ground);2;\(rgb.red);\(rgb.green);\(rgb.blue)m".utf8
        at = end
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return result
  }

  /// Reads `ESC [ 38 ; 5 ; number m`, also with colons: 38 or 48, the number, and the place after it.
  private static func selection(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int
  ) -> (ground: Int, number: Int, end: Int)? {
    guard start + 7 < bytes.count, bytes[start + 1] == UInt8(ascii: "["),
      bytes[start + 2] == UInt8(ascii: "3") || bytes[start + 2] == UInt8(ascii: "4"),
      bytes[start + 3] == UInt8(ascii: "8"), isSeparator(bytes[start + 4]),
      bytes[start + 5] == UInt8(ascii: "5"), isSeparator(bytes[start + 6])
    else { return nil }
    var number = 0, at = start + 7
    while at < bytes.count, (0x30...0x39).contains(bytes[at]), number < 256 {
      number = number * 10 + Int(bytes[at] - 0x30)
      at += 1
    }
    guard at > start + 7, at < bytes.count, bytes[at] == UInt8(ascii: "m") else { return nil }
    return (bytes[start + 2] == UInt8(ascii: "3") ? 38 : 48, number, at + 1)
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ";") || byte == UInt8(ascii: ":")
  }
}

extension Color {
  /// Whether it needs a number of its own: the first 16 of the palette have theirs.
  fileprivate var isLent: Bool { !isOfPalette || index >= 16 }

  fileprivate func distance(to other: Color) -> Int {
    let (one, two) = (rgb, other.rgb)
    return zip([one.red, one.green, one.blue], [two.red, two.green, two.blue])
      .reduce(0) { $0 + (Int($1.0) - Int($1.1)) * (Int($1.0) - Int($1.1)) }
  }
}
