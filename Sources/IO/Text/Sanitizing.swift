extension StringProtocol {
  /// The text without characters that command a terminal or disguise the text: C0 controls except newline and
  /// tab, DEL, C1 controls, bidi controls and tag characters.
  ///
  /// All text of a person or a model goes through this before it is written to a terminal.
  public var sanitized: String {
    guard mayHoldHazards else { return String(self) }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: unicodeScalars.lazy.filter { !$0.isTerminalHazard })
    return String(result)
  }

  /// The text on one line of a report, sanitized: a newline in a name would begin a line that looks like the
  /// program's own. Newlines and tabs are shown as `\n` and `\t`.
  public var onOneLine: String {
    var result = String.UnicodeScalarView()
    for scalar in sanitized.unicodeScalars {
      switch scalar {
      case "\n": result.append(contentsOf: #"\n"#.unicodeScalars)
      case "\t": result.append(contentsOf: #"\t"#.unicodeScalars)
      case "\u{2028}", "\u{2029}": result.append(" ")  // the line and paragraph separators of Unicode
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// JSON with those characters as escapes, which mean the same to whoever parses it: in JSON they stand only
  /// inside of strings.
  public var withHazardsEscapedForJSON: String {
    guard mayHoldHazards else { return String(self) }
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      guard scalar.isTerminalHazard else {
        result.append(scalar)
        continue
      }
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        result.append(
          contentsOf: (#"\u"# + String(repeating: "0", count: 4 - digits.count) + digits).unicodeScalars)
      }
    }
    return String(result)
  }

  /// Whether there is a byte that a hazard holds; most text has none, and is then passed on as it is.
  private var mayHoldHazards: Bool {
    utf8.contains { byte in
      (byte < 0x20 && byte != 0x09 && byte != 0x0A) || byte == 0x7F  // C0, DEL
        || byte == 0xC2 || byte == 0xD8 || byte == 0xE2 || byte == 0xF3  // lead bytes of the others
    }
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
