extension StringProtocol {
  /// The text without characters that command a terminal or disguise the text: C0 controls except newline and
  /// tab, DEL, C1 controls, bidi controls and tag characters.
  ///
  /// All text of a person or a model goes through this before it is written to a terminal.
  public var sanitized: String {
    let suspicious = utf8.contains { byte in
      (byte < 0x20 && byte != 0x09 && byte != 0x0A) || byte == 0x7F  // C0, DEL
        || byte == 0xC2 || byte == 0xD8 || byte == 0xE2 || byte == 0xF3  // lead bytes of the others
    }
    guard suspicious else { return String(self) }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: unicodeScalars.lazy.filter { !$0.isTerminalHazard })
    return String(result)
  }
}

extension Unicode.Scalar {
  fileprivate var isTerminalHazard: Bool {
    switch value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0: true
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // bidi
    case 0xE0000...0xE007F: true  // tags
    default: false
    }
  }
}
