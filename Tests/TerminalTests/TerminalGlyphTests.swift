import Testing

@testable import Terminal

@MainActor @Suite struct TerminalGlyphTests {
  init() {
    _ = LineEditor(application: "pare-tests")  // sets the locale, as a screen does
  }

  /// The C library, by which ncurses goes, agrees with our widths of what people write, so that nothing of it
  /// is replaced.
  @Test(
    arguments: [
      0x20...0x7E, 0xA1...0xAC, 0xAE...0x52F, 0x5D0...0x5EA, 0x600...0x6FF, 0x900...0xBFF, 0xE01...0xE3A,
      0x10A0...0x115F,
      0x1E00...0x1FFE, 0x2010...0x20C0, 0x20D0...0x2426, 0x2440...0x2B95, 0x2E80...0x2FFB, 0x3000...0x31E3,
      0x31F0...0xA4C6,
      0xAC00...0xD7A3, 0xF900...0xFAD9, 0xFF01...0xFFE6, 0x1F100...0x1F6D7, 0x1F900...0x1FA53,
      0x20000...0x2A6DF,
    ] as [ClosedRange<UInt32>])
  func theCLibraryAgrees(_ range: ClosedRange<UInt32>) {
    for value in range {
      guard let scalar = Unicode.Scalar(value), case .cells(let width) = ScalarWidth(scalar) else { continue }
      let glyph = TerminalGlyph(GlyphText(scalar), columnsLeft: 80)
      if glyph.width != width || glyph.text != GlyphText(scalar) || glyph.isNarrower {
        Issue.record("U+\(String(value, radix: 16)): ours \(width)")
      }
    }
  }

  @Test func whatTheCLibraryCannotPlaceIsReplaced() {
    let emoji = TerminalGlyph("\u{1FAE9}", columnsLeft: 80)  // of 2024
    #expect(emoji.text == "\u{FFFD}" && emoji.width == 2 && emoji.isNarrower)
    expect("\u{1}", becomes: "\u{FFFD}")
    expect("", becomes: " ")
    expect("日", becomes: " ")
    expect("e\u{301}\u{200D}", becomes: "e\u{301}\u{200D}")
  }

  /// Of one column.
  private func expect(_ text: GlyphText, becomes shown: GlyphText) {
    let glyph = TerminalGlyph(text, columnsLeft: 1)
    #expect(glyph.text == shown && glyph.width == 1 && !glyph.isNarrower)
  }

  @Test func glyphsHoldUpToSixScalars() {
    for text in ["", "a", "日", "e\u{301}", "\u{10FFFF}\u{1}\u{10FFFF}\u{10FFFF}\u{301}\u{10FFFF}"] {
      #expect(GlyphText(text).string == text)
      #expect(GlyphText(text).count == text.unicodeScalars.count)
    }
    #expect(GlyphText("abcdefg") == GlyphText("abcdef"))
    var glyph = GlyphText("abcde" as String)
    glyph.append("f")
    glyph.append("g")
    #expect(glyph == "abcdef" && !glyph.isEmpty && GlyphText("").isEmpty)
  }

  @Test func changesOfARow() {
    var before = CellGrid(size: Size(width: 8, height: 2))
    before.write("日本語", x: 0, y: 0)
    var after = before
    #expect(after.changes(from: before, row: 0, width: 8) == nil)
    #expect(after.changes(from: nil, row: 0, width: 5) == 0..<5)
    after[3, 0] = Cell("", style: Style(attributes: .bold))
    #expect(after.changes(from: before, row: 0, width: 8) == 2..<4)
    #expect(after.changes(from: before, row: 1, width: 8) == nil)
    #expect(after.changes(from: CellGrid(size: Size(width: 9, height: 2)), row: 1, width: 8) == 0..<8)
  }
}
