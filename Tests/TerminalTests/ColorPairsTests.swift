import Testing

@testable import Terminal

@Suite struct ColorPairsTests {
  private func grid(_ styles: [Style]) -> CellGrid {
    var grid = CellGrid(size: Size(width: styles.count, height: 1))
    for (x, style) in styles.enumerated() { grid[x, 0] = Cell("x", style: style) }
    return grid
  }

  private func styles(_ count: Int, background: UInt8) -> [Style] {
    (0..<count).map { Style(foreground: Color(UInt8($0)), background: Color(background)) }
  }

  private func prepare(_ pairs: inout ColorPairs, _ grid: CellGrid, colors: ColorDepth) -> Bool {
    pairs.prepare(for: grid, changes: [0..<grid.size.width], colors: colors)
  }

  @Test func pairsAreReused() {
    var pairs = ColorPairs(limit: 8) { _, _, _ in true }
    let some = styles(3, background: 0)
    let first = prepare(&pairs, grid(some), colors: .palette256)
    let numbers = some.map { pairs[$0] }
    let second = prepare(&pairs, grid(some), colors: .palette256)
    #expect(!first && !second)
    #expect(Set(numbers) == [1, 2, 3])
    #expect(some.map { pairs[$0] } == numbers)
    #expect(pairs[.plain] == 0)
  }

  @Test func runningOutStartsAnew() {
    var pairs = ColorPairs(limit: 8) { _, _, _ in true }
    let old = styles(5, background: 0)
    let new = styles(5, background: 1)
    #expect(prepare(&pairs, grid(old), colors: .palette256) == false)
    #expect(prepare(&pairs, grid(new), colors: .palette256) == true)
    #expect(Set(new.map { pairs[$0] }) == [1, 2, 3, 4, 5])
    #expect(pairs[old[0]] == 0)
  }

  @Test func tooManyKeepTheirForegroundAtLeast() {
    var pairs = ColorPairs(limit: 8) { number, _, _ in number < 8 }
    let plain = Style(foreground: Color(200))
    let many = [plain] + styles(60, background: 3) + [Style(foreground: Color(200), background: Color(250))]
    _ = prepare(&pairs, grid(many), colors: .palette256)
    #expect(pairs[plain] == 1)
    #expect(pairs[many.last!] == 1)
    #expect(many.allSatisfy { pairs[$0] < 8 })
  }

  @Test func monochromeNeedsNone() {
    var pairs = ColorPairs(limit: 0) { _, _, _ in
      Issue.record("defined a pair")
      return false
    }
    #expect(prepare(&pairs, grid(styles(3, background: 0)), colors: .mono) == false)
    #expect(pairs[styles(1, background: 0)[0]] == 0)
  }

  /// 300 colours do not fit the numbers that ncurses has; each screen of fewer shows all of them.
  @Test func allColoursTakeTurns() {
    var pairs = ColorPairs(limit: 30_000, colors: .trueColor) { _, _, _ in true }
    func style(_ number: Int) -> Style {
      Style(foreground: Color(RGB(red: UInt8(number / 16), green: UInt8(number % 16), blue: 7)))
    }
    let (some, others) = ((0..<150).map(style), (150..<300).map(style))
    #expect(prepare(&pairs, grid(some), colors: .trueColor) == false)
    #expect(prepare(&pairs, grid(others), colors: .trueColor) == true)
    #expect(Set(others.map { pairs[$0] }).count == 150)
    #expect(pairs[some[0]] == 0)
  }

  @Test func numbersBecomeColours() {
    var slots = ColorSlots()
    let number = slots.number(of: Color(RGB(red: 1, green: 22, blue: 133)))
    #expect(slots.number(of: Color(5)) == 5)
    #expect(slots.number(of: Color(200)) == number + 1)
    func translated(_ text: String) -> String {
      Array(text.utf8).withUnsafeBufferPointer { String(decoding: slots.translated($0), as: UTF8.self) }
    }
    #expect(translated("a\u{1B}[38;5;\(number)mb") == "a\u{1B}[38;2;1;22;133mb")
    #expect(translated("\u{1B}[48:5:\(number + 1)m") == "\u{1B}[48;2;255;0;215m")
    // Others are not ours, and what is no sequence is text.
    for text in [
      "\u{1B}[38;5;5m", "[38;5;\(number)m", "\u{1B}[38;5;\(number)", "\u{1B}[1m\u{1B}[38;5;m", "é",
    ] {
      #expect(translated(text) == text)
    }
    for index in 0..<400 {
      _ = slots.number(of: Color(RGB(red: UInt8(index % 256), green: UInt8(index / 256), blue: 9)))
    }
    #expect((16..<256).contains(slots.number(of: Color(RGB(red: 9, green: 9, blue: 9)))))
  }
}
