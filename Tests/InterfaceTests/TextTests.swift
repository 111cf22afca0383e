import Markdown
import Terminal
import Testing

@testable import Interface

@Suite struct TextTests {
  private func rows(_ text: String, _ width: Int) -> [String] {
    WrappedText(text, width: width).rows.map(\.plainText)
  }

  @Test func markdownIsReadLightly() {
    #expect(
      rows("# Title\n\n- one two three\n  - nested\n10. ten\n> said", 10) == [
        "Title", "", "• one two", "  three", "  • nested", "10. ten", "▏ said",
      ])
    #expect(
      rows("```swift\n**not bold** at all\n```\nafter", 14) == [
        "┌╴swift", "│ **not bold**", "│ at all", "└╴", "after",
      ])
  }

  @Test func codeKeepsItsIndentation() {
    #expect(
      rows("```\nif a:\n    b = `c`\n```", 40) == ["┌╴", "│ if a:", "│     b = `c`", "└╴"])
  }

  @Test func marksWithoutAPartnerStay() {
    for text in [
      "2 ** 3 ** 4", "a ** b", "**", "****", "`", "``", "**open", "a*b", "* not bold*", "snake_case_name",
      "~a~", "[a",
      "[a]", "(b)", "<c", "1 < 2 > 1", "&x",
    ] {
      #expect(rows("x " + text, 80) == ["x " + text])
    }
    let row = WrappedText("a **b c** `d` *e* ***f*** ~~g~~ [h](i)", width: 80).rows[0]
    #expect(
      row.line == [
        Span("a "), Span("b c", .strong), Span(" "), Span("`d`", .code), Span(" "), Span("e", .emphasis),
        Span(" "),
        Span("f", .strongEmphasis), Span(" "), Span("~~g~~", .deleted), Span(" "), Span("h", .link),
        Span(" (i)", .faint),
      ])
    let headings = WrappedText("# a\n## b\n### c\n#### d", width: 80).rows.map { $0.line[0].element }
    #expect(headings == [.heading, .subheading, .minorHeading, .minorHeading])
  }

  /// Columns stand under each other, cells wrap where there is little room, and where there is none for that each cell
  /// has its own row.
  @Test func tablesFitTheirWidth() {
    let table = "| Name | n | Long |\n|:--|--:|:-:|\n| 天地 | 1 | some words here |\n| b | 22 | x `y` |"
    #expect(
      rows(table, 40) == [
        "Name │  n │      Long", "─────┼────┼────────────────", "天地 │  1 │ some words here",
        "b    │ 22 │      x `y`",
      ])
    #expect(
      rows(table, 20) == [
        "Name │  n │   Long", "─────┼────┼─────────", "天地 │  1 │   some", "     │    │  words",
        "     │    │   here",
        "╌╌╌╌╌┼╌╌╌╌┼╌╌╌╌╌╌╌╌╌", "b    │ 22 │  x `y`",
      ])
    #expect(rows(table, 12).prefix(4) == ["Name: 天地", "n: 1", "Long: some", "words here"])
    // A table that is too long to be read together goes on in the same columns.
    let long = rows("| a | b |\n|---|---|\n" + String(repeating: "| word | 1 |\n", count: 3000), 40)
    #expect(long.count == 3002 && Set(long.dropFirst(2)) == ["word │ 1"])
  }

  @Test func blocksInsideOfBlocks() {
    #expect(
      rows(
        "1. one\n   - two\n\n     ```c\n     int x;\n     ```\n2. [x] three\n\n> four\n>\n> - five\n\n***", 20
      ) == [
        "1. one", "   • two", "     ", "     ┌╴c", "     │ int x;", "     └╴", "2. ☑ three", "", "▏ four",
        "▏ ", "▏ • five",
        "", "────────────────────",
      ])
    // Where what stands before a text leaves no room for it, the text has the room.
    #expect(rows("- a\n  - b\n    > cdefgh", 10) == ["• a", "  • b", "    cdefgh"])
    #expect(rows("- \n- a", 10) == ["• ", "• a"])
  }

  /// Code keeps its colours over lines, and a fence that is open stays so.
  @Test func codeIsColoured() {
    let rows = WrappedText("```c\nx = 1; /* a\nif b */ if\n", width: 40).rows
    #expect(rows[1].line.last == Span("/* a", .codeComment))
    #expect(
      rows[2].line == [
        Span("│ ", .faint), Span("if b */", .codeComment), Span(" ", .codeBlock), Span("if", .codeKeyword),
      ])
    #expect(rows.last?.plainText == "│ if b */ if")
  }

  /// What people type is shown as they typed it.
  @Test func verbatimTextKeepsItsMarks() {
    let text = WrappedText(verbatim: "2*3*4 # `x`\n\t<b>\u{1B}[1m\n", width: 80)
    #expect(text.rows.map(\.plainText) == ["2*3*4 # `x`", "    <b>[1m", ""])
  }

  /// What is taken out of rows is what was said, whatever the width.
  @Test(arguments: [9, 14, 30, 100]) func rowsGiveTheirTextBack(_ width: Int) {
    let text =
      "Some words that wrap 天地玄黃宇宙洪荒日月.\nNext line.\n\n> quoted words here\n\n```c\nint x = y;\n\nz\n```\nend"
    #expect(
      TextRow.text(WrappedText(text, width: width).rows)
        == "Some words that wrap 天地玄黃宇宙洪荒日月.\nNext line.\n\nquoted words here\n\nint x = y;\n\nz\nend")
    let row = WrappedText("> ab天地cd", width: 80).rows[0]
    #expect(
      row.text(0..<4) == "ab" && row.text(3..<5) == "b天" && row.text(6..<99) == "地cd" && row.text(4..<4) == ""
    )
  }

  @Test(arguments: [1, 2, 3, 7, 20, 79])
  func rowsNeverExceedTheWidth(_ width: Int) {
    let torture = [
      "天地玄黃宇宙洪荒日月盈昃辰宿列張", "שלום עולם مرحبا بالعالم", "👩‍👩‍👧‍👦 family 🏳️‍🌈 flag ❤️",
      String(repeating: "verylongword", count: 40), "- " + String(repeating: "字", count: 50),
      "> > > quoted **bold *half `code** mixed`", "\t\ttabs\tinside", "e\u{301}\u{302}\u{303}",
      "\u{202E}evil\u{2066}",
      "```" + String(repeating: "x", count: 300), "| a | b |\n|---|---|\n| 1 | 2 |", "#######", "- ", "1. ",
      "> ",
      String(repeating: "*", count: 200), String(repeating: "` ", count: 100), "\u{1B}[31mred\u{7}",
    ].joined(separator: "\n")
    for row in WrappedText(torture, width: width).rows {
      // A wide character cannot be cut, so it may stand alone in one cell.
      // Spaces at the end of a line hang over the edge, where nothing is drawn.
      let text = row.plainText.reversed().drop { $0 == " " }.reversed()
      #expect(String(text).cellWidth <= max(2, width))
      #expect(!row.plainText.unicodeScalars.contains { $0.value < 0x20 && $0 != "\t" || $0.value == 0x202E })
    }
  }

  /// However a text is cut into pieces, at every byte too, it is wrapped as if it had come at once.
  @Test func everyCutOfAStream() {
    let text = """
      # A *title*

      Text [a][b] with `code`,
      | x | y |
      |---|--:|
      | 1 | 天 |
      1. one
         ```py
         def f(): return "e\u{301}"
         ```
      2. two
      ---
      > q &amp; ~~r~~
      [b]: /url
      """
    let scalars = Array(text.unicodeScalars)
    let whole = WrappedText(text, width: 24)
    func piece(_ range: Range<Int>) -> String {
      var piece = String.UnicodeScalarView()
      piece.append(contentsOf: scalars[range])
      return String(piece)
    }
    for cut in scalars.indices {
      var streamed = WrappedText(piece(0..<cut), width: 24)
      streamed.append(piece(cut..<scalars.count))
      streamed.settle(text)
      #expect(streamed.rows == whole.rows, "cut at \(cut)")
    }
  }

  /// However a text is cut into pieces, it is wrapped as if it had come at once.
  @Test func streamingWrapsAsTheWholeDoes() {
    let text = Scene.firstAnswer + "\n" + Scene.secondAnswer + "\n天地玄黃 宇宙洪荒 👍🏽 e\u{301}\n```\nopen fence"
    for size in [1, 2, 3, 7, 50] {
      var streamed = WrappedText("", width: 24)
      var rest = text[...]
      while !rest.isEmpty {
        streamed.append(rest.prefix(size))
        rest = rest.dropFirst(size)
      }
      streamed.settle(text)
      #expect(streamed.rows == WrappedText(text, width: 24).rows)
    }
  }

  @Test func nothingIsLostInWrapping() {
    let text = Scene.secondAnswer.replacing("`", with: "")
    let words = text.split(whereSeparator: \.isWhitespace)
    let wrapped = WrappedText(text, width: 30).rows.map(\.plainText).joined(separator: " ")
    #expect(wrapped.split(whereSeparator: \.isWhitespace) == words)
  }

  @Test func changedWordsAreThoseTheOtherLacks() {
    func changed(_ text: String, _ base: String) -> [String] {
      let words = text.split(separator: " ")
      return zip(words, WordDifference.changed(words, from: base.split(separator: " "))).filter(\.1).map {
        String($0.0)
      }
    }
    #expect(changed("a b c", "a b c").isEmpty)
    #expect(changed("a x c", "a b c") == ["x"])
    #expect(changed("a b c d e", "a c e") == ["b", "d"])
    #expect(changed("", "a").isEmpty)
    #expect(changed("a b", "") == ["a", "b"])
    #expect(changed("the way light", "the path light takes") == ["way"])
    // Beyond what is aligned, places are compared.
    let long = (0..<2000).map { "w\($0)" }.joined(separator: " ")
    #expect(changed("x " + long, long).count <= 2001)
    #expect(changed(long, long).isEmpty)
  }

  @Test func linesAreCutWithAnEllipsis() {
    let line: Line = [Span("abc", .key), Span("天地", .faint), Span("xyz")]
    #expect(line.truncated(width: 10) == line)
    #expect(line.truncated(width: 9).plainText == "abc天地x…")
    #expect(line.truncated(width: 7).plainText == "abc天…")
    #expect(line.truncated(width: 3).plainText == "ab…")
    #expect(line.truncated(width: 1).plainText == "…")
    for width in 0...10 { #expect(line.truncated(width: width).width <= max(width, 0)) }
  }

  @Test func figuresAreShort() {
    #expect(Figures.rate(212.4) == "212")
    #expect(Figures.rate(1840) == "1,840")
    #expect(Figures.rate(71.25) == "71.2")
    #expect(Figures.rate(3.456) == "3.46")
    #expect(Figures.rate(.nan) == "–" && Figures.rate(.infinity) == "–")
    #expect(Figures.bytes(999) == "999 B")
    #expect(Figures.bytes(98_362_432) == "98.4 MB")
    #expect(Figures.bytes(1_117_320_768) == "1.12 GB")
    #expect(Figures.bytes(999_600) == "1.00 MB")
    #expect(Figures.duration(0.0312) == "31 ms")
    #expect(Figures.duration(2.5) == "2.5 s")
    #expect(Figures.change(81, from: 100) == "−19 %")
    #expect(Figures.change(100.2, from: 100) == nil)
    #expect(Figures.count(134_515_008) == "135 M")
    #expect(Figures.grouped(-1234567) == "−1,234,567")
  }

  @Test func barsFillTheirWidth() {
    for width in 0...12 {
      for fraction in [-1, 0, 0.03, 0.5, 0.97, 1, 7, .nan] {
        #expect(Bars.bar(fraction, width: width).width == width)
      }
    }
    #expect(Bars.bar(0.5, width: 4).plainText == "━━──")
    #expect(Bars.bar(0.375, width: 4).plainText == "━╾──")
    #expect(Bars.sparkline([0, 50, 100], width: 5) == "▁▅█")
    #expect(Bars.sparkline([-5, .nan, .infinity, 3], width: 3).count == 3)
    #expect(Bars.sparkline([1], width: -4).isEmpty)
  }

  @Test func theLastBlockOfCodeIsFound() {
    #expect(
      MarkdownReader.lastCode(in: Scene.secondAnswer)
        == "def scattered(wavelength):\n    return 1 / wavelength ** 4")
    #expect(MarkdownReader.lastCode(in: "no code") == nil)
    #expect(MarkdownReader.lastCode(in: "```\na\n```\n```\nb") == "b")
  }

  @Test func tokensAreShownQuoted() {
    #expect(HeatmapAxis.quoted(" sky") == "“ sky”")
    #expect(HeatmapAxis.quoted("\n") == "“⏎”")
    #expect(HeatmapAxis.quoted("\u{1B}[0m\u{202E}") == "“[0m”")
    #expect(HeatmapAxis.quoted(String(repeating: "x", count: 50)).cellWidth <= 14)
  }

  /// What is no number is called so; “–” is what was not measured.
  @Test func figuresThatAreNoNumbers() {
    #expect(Figures.fixed(.nan, 3) == "NaN" && Figures.fixed(-.nan, 1) == "NaN")
    #expect(Figures.fixed(.infinity, 3) == "∞" && Figures.fixed(-.infinity, 0) == "−∞")
    #expect(Figures.kl(.nan) == "NaN" && Figures.kl(.infinity) == "∞")
    #expect(Figures.similarity(.nan) == "NaN" && Figures.similarity(.absent) == "")
    let columns = LayerColumns(width: 60, hasDamage: true)
    #expect(columns.similarity(.nan) == "  NaN" && columns.similarity(.absent) == "    –")
    #expect(columns.damage(.nan) == "  NaN" && columns.damage(nil) == "    –")
    // Nor does anything trap that files may hold.
    for value in [1e300, -1e300, .infinity, .nan, 9.3e18] as [Double] {
      _ = Figures.rate(value) + Figures.duration(value) + (Figures.change(value, from: 1e-300) ?? "")
      _ = Bars.sparkline([value, 1], width: 2)
      #expect(Bars.bar(value, width: 5).width == 5)
    }
  }

  /// A line that is longer than what is wrapped together is cut, wherever the pieces of the stream end.
  @Test func longLinesAreCutAlike() {
    let words = (0..<3000).map { $0 % 7 == 0 ? "**w\($0)**" : $0 % 11 == 0 ? "`c \($0)`" : "word\($0)" }
    let long =
      "- " + words.joined(separator: " ") + "\n" + String(repeating: "字", count: 5000) + "\n```\n"
      + String(repeating: "x = 1; ", count: 2000) + "\n```\nafter"
    let whole = WrappedText(long, width: 60)
    for size in [1000, 4096, 5001] {
      var streamed = WrappedText("", width: 60)
      var rest = long[...]
      while !rest.isEmpty {
        streamed.append(rest.prefix(size))
        rest = rest.dropFirst(size)
      }
      #expect(streamed.rows == whole.rows)
    }
    let shown = whole.rows.map(\.plainText).joined(separator: " ")
    #expect(words.allSatisfy { shown.contains($0.replacing("**", with: "").split(separator: " ")[0]) })
    #expect(whole.rows.contains { $0.line.contains { $0.element == .strong && $0.text == "w2996" } })
    #expect(whole.rows.last?.plainText == "after")
  }

  @Test func wrappingTakesTimeInProportionToTheText() {
    func cost(_ text: String) -> Duration { ContinuousClock().measure { _ = WrappedText(text, width: 80) } }
    for unit in [
      "plain words of a line\n", "one line of many words ", "**a ", "` `` ", "x", "- item\n", "字 ",
    ] {
      let time = cost(String(repeating: unit, count: 4_000_000 / unit.utf8.count))
      #expect(time < .seconds(20), "\(unit): \(time)")
    }
  }

  /// What is added to a line costs the same however long the line is.
  @Test func aLongLineStreamsAsAShortOneDoes() {
    func cost(_ length: Int) -> Duration {
      var text = WrappedText(String(repeating: "word ", count: length / 5), width: 80)
      // As much as is wrapped together, so that both see it grow and be cut.
      return ContinuousClock().measure { for _ in 0..<1000 { text.append("more ") } }
    }
    let short = cost(5), long = cost(2_000_000)
    #expect(long < short * 50 + .milliseconds(200), "\(long) against \(short)")
  }
}
