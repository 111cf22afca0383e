import Terminal
import Testing

@testable import Interface

/// Text that is selected with the mouse, and text that is looked for.
@Suite struct SelectionTests {
  /// Presses the button at the start of `text` on the screen, and lets it go at its end or at that of `other`.
  private func drag(_ scene: inout Scene, over text: String, to other: String? = nil) throws {
    let rows = render(scene.state).plainText.split(separator: "\n", omittingEmptySubsequences: false)
    func place(_ text: String, isEnd: Bool) throws -> Point {
      let y = try #require(rows.firstIndex { $0.contains(text) }, "“\(text)” is on the screen")
      let range = try #require(rows[y].firstRange(of: text))
      let x = String(rows[y][..<range.lowerBound]).cellWidth
      return Point(x: isEnd ? x + text.cellWidth - 1 : x, y: y)
    }
    let (start, end) = (try place(text, isEnd: false), try place(other ?? text, isEnd: true))
    scene.effects = []
    for action in [(Mouse.Action.press(.left), start), (.drag(.left), end), (.release, end)] {
      scene.send(.input(.mouse(Mouse(action.0, at: action.1))))
    }
  }

  @Test func textOfAnAnswerWithoutItsNeighbours() throws {
    var scene = try Scene.conversation()
    scene.state.chat.scrollToStart()
    try drag(&scene, over: "The sky appears", to: "long ones")
    let copy = try #require(scene.effects.copies.first)
    // In one line, as it was said, though it stands in several rows beside other panes.
    #expect(copy.hasPrefix("The sky appears") && copy.hasSuffix("long ones"))
    #expect(!copy.contains("\n") && !copy.contains("│"))
    #expect(scene.state.focus == .input, "who selects goes on typing")
    let style = scene.state.theme[.selection]
    #expect(render(scene.state).cells.contains { $0.style == style })
    scene.press("x")
    #expect(!render(scene.state).cells.contains { $0.style == style })
  }

  @Test func codeWithoutItsEdge() throws {
    var scene = try Scene.conversation()
    try drag(&scene, over: "def scattered", to: "** 4")
    #expect(scene.effects.copies == ["def scattered(wavelength):\n    return 1 / wavelength ** 4"])
  }

  /// Upwards too; a press alone selects nothing and does what it did.
  @Test func dragsAndPresses() throws {
    var scene = try Scene.conversation()
    try drag(&scene, over: "return", to: "def")
    #expect(scene.effects.copies.first?.hasPrefix("f scattered") == true)
    let place = Point(x: 5, y: 5)
    scene.effects = []
    scene.send(.input(.mouse(Mouse(.press(.left), at: place))))
    scene.send(.input(.mouse(Mouse(.release, at: place))))
    #expect(scene.effects.copies.isEmpty && scene.state.focus == .chat && scene.state.selection == nil)
  }

  /// Each side of a comparison is a column of its own; what is no text is taken from the screen.
  @Test func columnsAndFigures() throws {
    var scene = try Scene.conversation()
    scene.compare()
    let inside = try #require(scene.state.layout.panes[.compare]).inset()
    scene.effects = []
    scene.send(.input(.mouse(Mouse(.press(.left), at: Point(x: inside.minX + 1, y: inside.minY)))))
    scene.send(.input(.mouse(Mouse(.drag(.left), at: Point(x: inside.maxX - 1, y: inside.minY + 1)))))
    scene.send(.input(.mouse(Mouse(.release, at: Point(x: inside.maxX - 1, y: inside.minY + 1)))))
    let copy = try #require(scene.effects.copies.first)
    let first = try #require(scene.state.comparison.flatMap { scene.state.session.conversation[$0.first] })
    #expect(first.content.hasPrefix(copy.split(separator: "\n")[0]), "\(copy)")
    try drag(&scene, over: "prefill", to: "prefill")
    #expect(scene.effects.copies == ["prefill"])
  }

  @Test func findGoesThroughTheConversation() throws {
    var scene = try Scene.conversation(width: 80, height: 24)
    scene.enter("/find LIGHT")
    #expect(scene.state.notice?.text.contains("no “LIGHT”") == true, "capitals count")
    scene.enter("/find light")
    let places = scene.state.chat.matches(of: Find("light"))
    #expect(places.count > 1)
    let first = try #require(scene.state.find?.here)
    #expect(scene.state.focus == .chat && places.contains(first))
    let style = scene.state.theme[.foundHere]
    var seen: Set<Find.Match> = []
    for _ in places {
      scene.press("n")
      seen.insert(try #require(scene.state.find?.here))
      #expect(render(scene.state).cells.count { $0.style == style } == 5, "it is on the screen")
    }
    #expect(seen == Set(places))
    let here = scene.state.find?.here
    scene.press("n")
    scene.press("N")
    #expect(scene.state.find?.here == here)
    scene.press(.escape)
    #expect(scene.state.find == nil && scene.state.focus == .input)
  }

  /// What wrapping parts is found; ornaments are not.
  @Test func placesInWrappedText() {
    let rows = WrappedText("aaaa BBBB cccc 天地\n\n```\nxx\n```", width: 10).rows
    let find = Find("Bbb cc")
    #expect(find.matches(in: rows, of: 7, rows: rows.indices).isEmpty)
    let found = Find("bbbb cccc 天").matches(in: rows, of: 7, rows: rows.indices)
    #expect(found == [Find.Match(node: 7, row: 0, cells: [5..<9, 0..<7])])
    #expect(Find("xx").matches(in: rows, of: 1, rows: rows.indices).map(\.cells) == [[2..<4]])
    #expect(Find("│").matches(in: rows, of: 1, rows: rows.indices).isEmpty)
    #expect(Find("cccc").matches(in: rows, of: 1, rows: 1..<2).count == 1)
  }
}
