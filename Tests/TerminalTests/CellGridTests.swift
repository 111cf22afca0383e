import Foundation
import Terminal
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct CellGridTests {
  @Test func writesAndClips() {
    var grid = CellGrid(size: Size(width: 6, height: 2))
    #expect(grid.write("hello world", x: 2, y: 0) == 6)
    #expect(grid.write("日本", x: 0, y: 1, maxWidth: 3) == 3)
    #expect(grid.plainText == "  hell\n日")
    grid.write("below and right of it", x: 9, y: 9)
    grid.write("abc", x: -1, y: 0)
    #expect(grid.plainText == "bchell\n日")
  }

  @Test func halfOverwrittenWideCharactersBecomeBlank() {
    var grid = CellGrid(size: Size(width: 6, height: 1))
    grid.write("日本語", x: 0, y: 0)
    grid.write("a", x: 1, y: 0)
    #expect(grid.plainText == " a本語")
    grid.write("b", x: 2, y: 0)
    #expect(grid.plainText == " ab 語")
    grid.write("字", x: 3, y: 0)
    #expect(grid.plainText == " ab字")
    grid.write("字", x: -1, y: 0)
    #expect(grid.plainText == " ab字")
  }

  /// Every wide character has its empty cell after it and there is no other empty cell, whatever is drawn.
  @Test func wideCharactersStayWhole() {
    var generator = SplitMix(seed: 3)
    var grid = CellGrid(size: Size(width: 9, height: 2))
    for _ in 0..<3000 {
      let text = ["a", "日", "日本", "x日", "\t", "日\u{301}a"].randomElement(using: &generator)!
      let x = Int.random(in: -3...10, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: grid.fill(Rect(x: x, y: 0, width: 2, height: 3), ".")
      case 1: grid.frame(Rect(x: x, y: 0, width: 4, height: 2), title: text)
      default: grid.write(text, x: x, y: Int.random(in: 0...1, using: &generator), maxWidth: 3)
      }
      for y in 0..<2 {
        for x in 0..<9 {
          let isLead = grid[x, y].text.cellWidth == 2
          #expect(isLead == (x < 8 && grid[x + 1, y].text.isEmpty))
        }
      }
    }
  }

  @Test func framesJoin() {
    var grid = CellGrid(size: Size(width: 20, height: 7))
    grid.frame(Rect(x: 0, y: 0, width: 12, height: 7), title: "Chat")
    grid.frame(Rect(x: 11, y: 0, width: 9, height: 7), title: "Layers of it")
    grid.divide(Rect(x: 0, y: 0, width: 12, height: 7), y: 3, title: "A")
    grid.verticalLine(x: 5, y: 3...6)
    #expect(
      grid.plainText == """
        ┌ Chat ────┬ Laye… ┐
        │          │       │
        │          │       │
        ├ A ─┬─────┤       │
        │    │     │       │
        │    │     │       │
        └────┴─────┴───────┘
        """)
  }

  @Test func framesInASCII() {
    var grid = CellGrid(size: Size(width: 10, height: 4))
    grid.frame(grid.bounds, title: "A", border: .ascii)
    grid.verticalLine(x: 4, y: 0...3, border: .ascii)
    grid.divide(grid.bounds, y: 2, border: .ascii)
    #expect(
      grid.plainText == """
        + A +----+
        |   |    |
        +---+----+
        +---+----+
        """)
  }

  @Test func hugeAndDegenerateRectanglesAreHarmless() {
    var grid = CellGrid(size: Size(width: 1, height: 1))
    grid.frame(Rect(x: -5, y: -5, width: 1_000_000_000, height: 1_000_000_000), title: "x")
    grid.frame(Rect(x: 0, y: 0, width: 1, height: 0))
    grid.fill(Rect(x: -9, y: -9, width: 1_000_000_000, height: 1_000_000_000), "#")
    grid.divide(Rect(x: 0, y: 0, width: 2, height: 2), y: 0)
    #expect(CellGrid(size: Size(width: 0, height: 0)).plainText == "")
    #expect(CellGrid(size: Size(width: -1, height: 5)).size == Size(width: 0, height: 5))
  }

  @Test func drawsInParts() {
    var grid = CellGrid(size: Size(width: 8, height: 3))
    grid.fill(grid.bounds, ".")
    let whole = grid.window
    grid.narrow(to: Rect(x: 2, y: 1, width: 6, height: 2))
    grid.narrow(to: Rect(x: 0, y: 0, width: 4, height: 1))
    #expect(grid.size == Size(width: 4, height: 1))
    grid.write("clipped", x: 1, y: 0)
    grid.cursor = Point(x: 3, y: 0)
    #expect(grid.cursor == Point(x: 3, y: 0))
    grid.window = whole
    #expect(grid.plainText == "........\n...cli..\n........")
    #expect(grid.cursor == Point(x: 5, y: 1))
  }

  @Test func stylePlanes() {
    var grid = CellGrid(size: Size(width: 4, height: 2))
    grid.write(
      "ab", x: 0, y: 0, style: Style(foreground: Color(184), background: Color(54), attributes: .bold))
    grid.restyle(Rect(x: 1, y: 0, width: 1, height: 2)) { $0.attributes.insert(.reverse) }
    #expect(
      grid.stylePlane == """
        ab..
        .c..
        a = 184 on 54 bold
        b = 184 on 54 bold reverse
        c = default reverse
        """)
  }

  @Test func pixels() {
    var grid = CellGrid(size: Size(width: 4, height: 1))
    grid.setPixels(x: 0, y: 0, upper: Color(1), lower: Color(2))
    grid.setPixels(x: 1, y: 0, upper: nil, lower: Color(2))
    grid.setPixels(x: 2, y: 0, upper: Color(1), lower: nil)
    grid.setPixels(x: 3, y: 0, upper: nil, lower: nil)
    #expect(grid.plainText == "▀▄▀")
    #expect(grid[0, 0].style == Style(foreground: Color(1), background: Color(2)))
    #expect(grid[1, 0].style == Style(foreground: Color(2)))
    #expect(grid[2, 0].style == Style(foreground: Color(1)))
  }

  @Test func svgIsWellFormedXML() {
    var grid = CellGrid(size: Size(width: 30, height: 5))
    grid.frame(grid.bounds, title: "<A & \"B\">")
    grid.write("日本 & <b> \u{1B}[0m", x: 1, y: 1, style: Style(foreground: Color(0), background: Color(231)))
    grid[3, 2] = Cell(
      "\u{1}\u{FFFF}", style: Style(attributes: [.bold, .italic, .underline, .dim, .reverse]))
    for x in 0..<8 { grid.setPixels(x: x + 2, y: 3, upper: Color(UInt8(x)), lower: Color(UInt8(x * 30))) }
    let svg = grid.svg()
    let collector = TextCollector()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = collector
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(collector.text.contains("<A & \"B\">"))
    #expect(collector.text.contains("日本 & <b> [0m"))
    #expect(collector.widths.allSatisfy { $0 > 0 && $0 <= 240 })
    #expect(svg.contains("fill=\"#ffffff\""))
  }
}

private final class TextCollector: NSObject, XMLParserDelegate {
  var text = ""
  var widths: [Int] = []
  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    if let length = attributes["textLength"].flatMap(Int.init) { widths.append(length) }
  }
}
