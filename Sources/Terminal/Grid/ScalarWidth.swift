/// The effect of a Unicode scalar on a line of terminal cells.
enum ScalarWidth: Equatable {
  /// One cell, or two (East Asian wide and fullwidth, emoji).
  case cells(Int)
  /// A mark on the scalar before it.
  case mark
  /// Not shown: joiners, variation selectors, bidi and other controls.
  case invisible
  /// Unassigned, so that every terminal gives it another width.
  case unknown

  init(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x20..<0x7F: self = .cells(1)
    case 0..<0x20, 0x7F..<0xA0, 0xAD: self = .invisible
    case 0xA1..<0x300: self = .cells(1)
    case 0x2500..<0x25FD: self = .cells(1)  // lines, blocks and shapes, which frames and bars are full of
    default: self = Self.classify(scalar)
    }
  }

  private static func classify(_ scalar: Unicode.Scalar) -> ScalarWidth {
    let value = scalar.value
    // Variation selectors and the grapheme joiner: terminals disagree about their effect on the width.
    if scalar.properties.isVariationSelector || value == 0x034F { return .invisible }
    // Medial and final Hangul jamo stack onto the initial one, which is wide.
    if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value) { return .mark }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return .mark
    case .control, .lineSeparator, .paragraphSeparator: return .invisible
    case .format: return isPrependedSign(value) ? .cells(1) : .invisible
    case .unassigned, .surrogate: return .unknown
    default: return .cells(isWide(value) ? 2 : 1)
    }
  }

  /// Arabic, Syriac and Kaithi number signs: format characters that do have a picture.
  private static func isPrependedSign(_ value: UInt32) -> Bool {
    switch value {
    case 0x0600...0x0605, 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD: true
    default: false
    }
  }

  private static func isWide(_ value: UInt32) -> Bool {
    guard value >= 0x1100 else { return false }
    var low = 0
    var high = wideRanges.count
    while low < high {
      let middle = (low + high) / 2
      if value > wideRanges[middle].upperBound {
        low = middle + 1
      } else if value < wideRanges[middle].lowerBound {
        high = middle
      } else {
        return true
      }
    }
    return false
  }

  /// East Asian Width W and F (Unicode 17, EastAsianWidth.txt), gaps of unassigned scalars closed.
  /// Left narrow are the trigrams and counting rods that only Unicode 16 made wide: most terminals' tables
  /// are older than that. Circled numbers and hexagrams are wide, as the GNU C library has them.
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
    0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F, 0x2693...0x2693, 0x26A1...0x26A1,
    0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA,
    0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B,
    0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
    0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55, 0x2E80...0x303E,
    0x3041...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DF2,
    0x1AFF0...0x1B2FB, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A,
    0x1F200...0x1F320, 0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA,
    0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0, 0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440...0x1F440,
    0x1F442...0x1F4FC, 0x1F4FF...0x1F53D, 0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A,
    0x1F595...0x1F596, 0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC,
    0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6DF, 0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7F0,
    0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF, 0x1FA70...0x1FAF8, 0x20000...0x3FFFD,
  ]
}
