import Foundation

/// Text in Unicode's Normalization Form C (Unicode Standard Annex 15): letters and marks that have one
/// character together are written as that. Nil, the usual case, where one look says that nothing changes.
///
/// - Parameter text: valid UTF-8
func composingCharacters(of text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
  let scanner = TextScanner(text)
  // What begins with a lower byte is below U+0300 and never changes.
  for position in text.indices where text[position] >= 0xCC {
    if isComposed(scanner.scalar(at: position).value) { continue }
    // Composed from what is decomposed: Foundation leaves a Hangul syllable and a final consonant apart, and
    // some marks out of order, where the text has them composed in part.
    let decomposed = String(decoding: text, as: UTF8.self).decomposedStringWithCanonicalMapping
    return Array(decomposed.precomposedStringWithCanonicalMapping.utf8)
  }
  return nil
}

/// Whether a scalar of a common script stays what it is in Form C, whatever is before it and unless something
/// else is after it: it neither decomposes nor combines with what is before it (Unicode's properties NFC_QC
/// and Canonical_Combining_Class). False where that is not known.
func isComposed(_ value: UInt32) -> Bool {
  switch value {
  case 0..<0x300, 0x370...0x373, 0x375...0x37D, 0x37F...0x386, 0x388...0x482, 0x48A...0x58F, 0x5D0...0x5EA,
    0x620...0x64A, 0x660...0x66F, 0x671...0x6D5, 0x10D0...0x10FF, 0x1E00...0x1EFF,
    0x2002...0x20CF, 0x2100...0x2125, 0x2127...0x2129, 0x212C...0x2328, 0x232B...0x2ADB, 0x2ADD...0x2BFF,
    0x3000...0x3029, 0x3030...0x3098, 0x309B...0x4DBF, 0x4DC0...0xA48F, 0xAC00...0xD7A3, 0xE000...0xF8FF,
    0xFE00...0xFE0F, 0xFF00...0xFFEF, 0x1F000...0x1FAFF, 0x20000...0x2F7FF:
    true
  default: false
  }
}
