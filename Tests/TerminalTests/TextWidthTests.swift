import Terminal
import Testing

@Suite struct TextWidthTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("naïve", 5), ("日本語", 6), ("한국어", 6), ("\u{1112}\u{1161}\u{11AB}", 2),
    ("e\u{301}", 1), ("\u{301}x", 2), ("❤\u{FE0F}", 1), ("👍🏽", 2), ("👨‍👩‍👧", 6), ("🇫🇷", 2),
    ("1\u{FE0F}\u{20E3}", 1), ("a\tb", 5), ("\tx", 5), ("שלום", 4), ("क्षि", 3), ("\u{200B}", 0),
    ("\u{378}", 1), ("a\u{1B}b", 2), ("\u{E000}", 1), ("ﷺ", 1), ("ก็", 1),
  ])
  func widths(_ text: String, _ width: Int) {
    #expect(text.cellWidth == width)
  }

  @Test func marksBeyondWhatACellHoldsAreLeftOut() {
    let zalgo = "a" + String(repeating: "\u{316}", count: 1000)
    var grid = CellGrid(size: Size(width: 3, height: 1))
    #expect(grid.write(zalgo, x: 0, y: 0) == 1)
    #expect(grid[0, 0].text.unicodeScalars.count == 5)
  }

  @Test func truncation() {
    #expect("hello".truncated(width: 5) == "hello")
    #expect("hello".truncated(width: 4) == "hel…")
    #expect("hello".truncated(width: 1) == "…")
    #expect("hello".truncated(width: 0) == "")
    #expect("日本語".truncated(width: 5) == "日本…")
    #expect("日本語".truncated(width: 4) == "日…")
    #expect("hello".truncated(width: 2, ellipsis: "...") == "he")
    #expect("ab".truncated(width: 2, ellipsis: "...") == "ab")
    #expect("e\u{301}e\u{301}e\u{301}".truncated(width: 2) == "e\u{301}…")
  }

  @Test func truncationNeverExceedsTheWidth() {
    for text in ["日本語 text", "👨‍👩‍👧 family", "a\tb\tc", "plain ascii words"] {
      for width in 0...20 {
        let cut = text.truncated(width: width)
        #expect(cut.cellWidth <= width)
        if text.cellWidth <= width { #expect(cut == text) }
      }
    }
  }

  @Test func wrapsAtWords() {
    #expect("the quick brown fox".wrapped(width: 10) == ["the quick", "brown fox"])
    #expect("the quick  brown".wrapped(width: 9) == ["the quick", "brown"])
    #expect("".wrapped(width: 5) == [""])
    #expect("a\n\nb\n".wrapped(width: 5) == ["a", "", "b", ""])
    #expect("exact fit".wrapped(width: 9) == ["exact fit"])
    #expect("exactfits more".wrapped(width: 9) == ["exactfits", "more"])
  }

  @Test func wrapsLongWordsAndKeepsIndentation() {
    #expect("abcdefghij".wrapped(width: 4) == ["abcd", "efgh", "ij"])
    #expect("  if x:\n    y = 1".wrapped(width: 20) == ["  if x:", "    y = 1"])
    #expect("go abcdefghij".wrapped(width: 4) == ["go", "abcd", "efgh", "ij"])
    #expect("    abcdef".wrapped(width: 8) == ["    abcd", "ef"])
  }

  @Test func wrapsIdeographsAndKeepsPunctuation() {
    #expect("日本語です".wrapped(width: 4) == ["日本", "語で", "す"])
    #expect("日本。語".wrapped(width: 4) == ["日", "本。", "語"])
    #expect("한국어 문장".wrapped(width: 8) == ["한국어", "문장"])
    #expect("日".wrapped(width: 1) == ["日"])
  }

  @Test func wrappingLosesNothingButSpacesAndFits() {
    var generator = SplitMix(seed: 7)
    let alphabet = Array("ab c  日本。（é👍\u{301}\t\nx-")
    for _ in 0..<500 {
      let text = String(
        (0..<Int.random(in: 0...40, using: &generator)).map { _ in
          alphabet.randomElement(using: &generator)!
        })
      for width in 2...9 {
        let lines = text.wrapped(width: width)
        #expect(lines.joined().filter { !$0.isWhitespace } == text.filter { !$0.isWhitespace })
        for line in lines {
          let trimmed = String(line.reversed().drop { $0.isWhitespace }.reversed())
          #expect(
            trimmed.cellWidth <= width, "\(text.debugDescription) at \(width): \(line.debugDescription)")
        }
      }
    }
  }

}

/// A generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
