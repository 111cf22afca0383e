/// The groups of general categories that the patterns of pre-tokenizers name, as a set for a Unicode scalar.
struct CharacterClass: OptionSet {
  let rawValue: UInt16

  /// `\p{L}`
  static let letter = CharacterClass(rawValue: 1 << 0)
  /// `\p{M}`
  static let mark = CharacterClass(rawValue: 1 << 1)
  /// `\p{N}`
  static let number = CharacterClass(rawValue: 1 << 2)
  /// `\p{P}`
  static let punctuation = CharacterClass(rawValue: 1 << 3)
  /// `\p{S}`
  static let symbol = CharacterClass(rawValue: 1 << 4)
  /// `\s`: the property White_Space.
  static let whitespace = CharacterClass(rawValue: 1 << 5)
  /// Carriage return or line feed.
  static let newline = CharacterClass(rawValue: 1 << 6)
  /// Scalars of the capital part of a word: `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`.
  static let upper = CharacterClass(rawValue: 1 << 7)
  /// Scalars of the small part of a word: `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`.
  static let lower = CharacterClass(rawValue: 1 << 8)

  @inline(__always)
  func meets(_ other: CharacterClass) -> Bool { rawValue & other.rawValue != 0 }

  /// The class of any scalar value; the empty class for what is unassigned, private or a control.
  @inline(__always)
  static func of(_ scalar: UInt32) -> CharacterClass {
    if scalar < 0x80 { return CharacterClass(rawValue: ascii[Int(scalar)]) }
    if scalar < planes.count { return CharacterClass(rawValue: planes[Int(scalar)]) }
    return (0xE0100...0xE01EF).contains(scalar) ? [.mark, .upper, .lower] : []  // variation selectors
  }

  private static let ascii = (0..<0x80).map { computed($0).rawValue }

  /// Every scalar up to the last block of plane 3, beyond which only variation selectors are of interest.
  /// Asking the standard library for a category takes about 50 ns, so the table is filled at once, but only
  /// when the first scalar outside ASCII turns up.
  private static let planes = (0..<0x33480).map { computed($0).rawValue }

  private static func computed(_ value: UInt32) -> CharacterClass {
    guard let scalar = Unicode.Scalar(value) else { return [] }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .titlecaseLetter: return [.letter, .upper]
    case .lowercaseLetter: return [.letter, .lower]
    case .modifierLetter, .otherLetter: return [.letter, .upper, .lower]
    case .nonspacingMark, .spacingMark, .enclosingMark: return [.mark, .upper, .lower]
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return .punctuation
    case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: return .symbol
    case .spaceSeparator, .lineSeparator, .paragraphSeparator: return .whitespace
    case .control:
      switch value {
      case 0x0A, 0x0D: return [.whitespace, .newline]
      case 0x09...0x0D, 0x85: return .whitespace
      default: return []
      }
    default: return []
    }
  }
}
