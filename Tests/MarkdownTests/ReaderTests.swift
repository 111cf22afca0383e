import Testing

@testable import Markdown

@Suite struct ReaderTests {
  private func blocks(_ text: String) -> [MarkdownBlock] {
    var reader = MarkdownReader()
    let closed = reader.append(text)
    return closed + reader.open
  }

  private func paragraph(_ text: String) -> MarkdownBlock.Content { .paragraph([MarkdownInline(text)]) }

  /// What a block says, without how it is laid out.
  private func text(_ blocks: [MarkdownBlock]) -> [String] {
    func text(_ inlines: [MarkdownInline]) -> String { inlines.map(\.text).joined() }
    return blocks.flatMap { block -> [String] in
      switch block.content {
      case .paragraph(let inlines), .heading(_, let inlines): [text(inlines)]
      case .code(let code): code.lines
      case .quote(let inside): self.text(inside).map { "> " + $0 }
      case .item(let item):
        self.text(item.blocks).map { (block.isContinued ? "  " : item.number ?? "- ") + $0 }
      case .table(let table):
        ((block.isContinued ? [] : [table.header]) + table.rows).map { $0.map(text).joined(separator: "|") }
      case .rule: ["---"]
      case .verbatim(let text): [text]
      }
    }
  }

  /// An info string never closes, longer fences hold shorter ones, and what is not closed stays open.
  @Test func fences() {
    func code(_ language: String, _ lines: [String], closed: Bool = true) -> MarkdownBlock.Content {
      .code(MarkdownCode(language: language, lines: lines, isFenced: true, isClosed: closed))
    }
    #expect(
      blocks("```py\nx\n```py\ny\n```\nz").map(\.content) == [
        code("py", ["x", "```py", "y"]), paragraph("z"),
      ])
    #expect(blocks("````md\n```\nx\n```\n````").map(\.content) == [code("md", ["```", "x", "```"])])
    #expect(blocks("~~~\n```\n~~~").map(\.content) == [code("", ["```"])])
    #expect(blocks("```c\nint x;").map(\.content) == [code("c", ["int x;"], closed: false)])
    #expect(blocks("`` ` ``").map(\.content) == [.paragraph([MarkdownInline("`` ` ``", .code)])])
    #expect(MarkdownReader.lastCode(in: "- a\n  ```c\n  int x;\n\n  y\n  ```\n- b") == "int x;\n\ny")
    #expect(MarkdownReader.lastCode(in: "no code") == nil)
    #expect(MarkdownReader.lastCode(in: "```\na\n```\n```\nb") == "b")
    let long = (0..<5000).map { "line \($0)" }.joined(separator: "\n")
    #expect(MarkdownReader.lastCode(in: "```\n\(long)\n```\n") == long)
  }

  /// A table right after a line of text is one, as models write it.
  @Test func tables() throws {
    let all = blocks("Here:\n| a | b |\n|:-:|--:|\n| *1* |\n| 2 | 3 | 4 |\n\nend")
    #expect(all.count == 3 && all[0].content == paragraph("Here:") && all[2].isSpaced)
    guard case .table(let table) = all[1].content else { throw Unexpected() }
    #expect(table.alignments == [.center, .right])
    #expect(table.rows[0] == [[MarkdownInline("1", .emphasis)], []])
    #expect(table.rows[1].map { $0.map(\.text) } == [["2"], ["3"]])
  }

  @Test func listsQuotesAndTheRest() {
    let all = blocks("3. a\n\n   b\n4. [x] c\n   - [ ] d\n\n> q\n> > r\n\n***\n<div>\n## h `c`\n")
    #expect(
      text(all) == ["3.a", "3.b", "4.c", "4.- d", "> q", "> > r", "---", "<div>\n## h `c`"])
    guard case .item(let item) = all[1].content, case .item(let task) = item.blocks[1].content else {
      return #expect(Bool(false))
    }
    #expect(item.isDone == true && task.isDone == false)
  }

  @Test func stylesOfText() {
    let all = blocks("*a* **b** ***c*** ~~d~~ [e](/u \"t\") <http://x> ![f](g) \\*h\\* &amp;&#27;&#x202e;!")
    #expect(
      all.map(\.content) == [
        .paragraph([
          MarkdownInline("a", .emphasis), MarkdownInline(" "), MarkdownInline("b", .strong),
          MarkdownInline(" "),
          MarkdownInline("c", [.emphasis, .strong]), MarkdownInline(" "), MarkdownInline("~~d~~", .deleted),
          MarkdownInline(" "), MarkdownInline("e", .link), MarkdownInline(" (/u “t”)", .address),
          MarkdownInline(" "), MarkdownInline("http://x", .link), MarkdownInline(" "),
          MarkdownInline("f", .link), MarkdownInline(" (g)", .address),
          // Entities command the terminal no more than characters do.
          MarkdownInline(" *h* &!"),
        ])
      ])
  }

  /// Definitions of links are shown, so that nothing is lost, and serve links before and after them.
  @Test func definitions() {
    let text = "[a][b] and [c]\n\n[b]: /url 'title'\n[C]: <x>\n\n[B]\n\nend\n"
    var reader = MarkdownReader()
    _ = reader.append(text)
    // All at once cmark sees them; piece by piece a second reading does.
    var streamed = MarkdownReader()
    for character in text { _ = streamed.append(String(character)) }
    var again = MarkdownReader(definitions: streamed.lateDefinitions ?? [:])
    let blocks = again.append(text) + again.open
    #expect(
      self.text(blocks) == [
        "a (/url “title”) and c (x)", "[b]: /url 'title'", "[C]: <x>", "B (/url “title”)", "end",
      ])
  }

  /// Whatever the pieces are, blocks that are long are given out alike.
  @Test(arguments: [1, 7, 100, 5000])
  func longBlocksAreCutAlike(_ size: Int) {
    let lines = (0..<1500).map { "line \($0) of *many*" }
    for text in [
      lines.joined(separator: "\n"), "> " + lines.joined(separator: "\n> "),
      "| a | b |\n|---|--:|\n" + lines.map { "| \($0) | x |\n" }.joined(),
      "1. first\n   - " + lines.joined(separator: "\n   - ") + "\n2. second",
      "- item\n\n  ```c\n  " + lines.joined(separator: "\n  ") + "\n  ```\n\n  after\n- next",
      "[a]: /u\n" + lines.map { "[\($0)]: /x\n" }.joined() + "[a]",
    ] {
      var whole: [MarkdownBlock] = []
      var reader = MarkdownReader()
      whole += reader.append(text)
      whole += reader.open
      var streamed: [MarkdownBlock] = []
      reader = MarkdownReader()
      var rest = text[...]
      while !rest.isEmpty {
        streamed += reader.append(rest.prefix(size))
        rest = rest.dropFirst(size)
      }
      streamed += reader.open
      #expect(self.text(streamed) == self.text(whole))
      let shown = self.text(whole).joined(separator: "\n")
      #expect(lines.indices.allSatisfy { shown.contains("line \($0) of") })
      #expect(!shown.contains("x|x"), "what stands before a cut is not shown twice")
    }
  }

  /// What is kept, and so what each token costs, does not grow with the text.
  @Test func onlyTheLastBlockIsKept() {
    var reader = MarkdownReader()
    for count in 0..<300 {
      _ = reader.append("\(count). An item\n   with more\n")
      #expect(reader.open.count == 1)
    }
    _ = reader.append("\n```swift\n")
    for count in 0..<300 {
      _ = reader.append("let x\(count) = 1\n")
      guard case .code(let code) = reader.open.last?.content else { return #expect(Bool(false)) }
      #expect(code.lines.count <= 8)
    }
  }

  /// However deep blocks and marks are inside each other, reading ends, and soon.
  @Test(arguments: ["> ", "- ", "*a ", "[", "![", "`a ", "<b", "| ", "[a](", "**", "&amp;", "1. "])
  func deepAndUnclosed(_ unit: String) {
    let time = ContinuousClock().measure { _ = blocks(String(repeating: unit, count: 100_000)) }
    #expect(time < .seconds(30), "\(time)")
  }

  struct Unexpected: Error {}
}
