import Foundation
import FoundationXML
import Inference
import Terminal
import Testing

@testable import Interface

/// The heatmap pane: every view drawn, moved in, zoomed, filtered and written to files.
@Suite struct HeatmapTests {
  @Test(arguments: HeatmapViews.all.map(\.name))
  func views(_ name: String) throws {
    let mono = try Scene.heatmap(name, theme: "mono", colors: .mono)
    try expectSnapshot(render(mono.state).framedText, "view-\(name)")
    for colors in [ColorDepth.ansi8, .palette256] {
      let scene = try Scene.heatmap(name, width: 120, height: 40, colors: colors)
      #expect(
        render(scene.state).plainText.contains(scene.state.heatmap.view.map(scene.state.findings)!.title))
    }
  }

  /// Colours: shades of words, the masked triangle, the row and column of a token that stand out.
  @Test func colours() throws {
    try expectSnapshot(
      render(try Scene.heatmap("lens", width: 60, height: 16).state).stylePlane, "view-lens-styles")
    var scene = try Scene.heatmap("head", width: 60, height: 16)
    scene.press("0")
    scene.press(.up)
    scene.press(.enter)
    #expect(scene.state.heatmap.selected == Scene.tokens.count - 2)
    try expectSnapshot(render(scene.state).stylePlane, "view-head-styles")
    scene.press(.enter)
    #expect(scene.state.heatmap.selected == nil)
  }

  /// A value that is no number stands out, on the screen and in files; one that is not there is left empty.
  @Test func whatIsNoNumber() throws {
    let values: [[Float]] = [[0.5, .nan], [.absent, .infinity]]
    let map = Heatmap(
      subject: "x", quantity: .cosine, rows: .layers(2), columns: .tokens(["a", "b"]),
      value: { values[$0][$1] })
    #expect(
      map.csv().split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).last }
        == ["cosine", "0.5", "nan", "", "inf"])
    #expect(map.value(rows: 0..<1, columns: 0..<2).isNaN && map.value(rows: 1..<2, columns: 0..<1).isAbsent)
    let picture = HeatmapPicture(map, kind: .natural, caption: "", focus: 0).svg()
    #expect(
      picture.contains("red: NaN or infinite")
        && picture.contains("fill=\"#d62728\" d=\"M1 0h1v1H1zM1 1h1v1H1z\""))
    let sound = Heatmap(
      subject: "x", quantity: .cosine, rows: .layers(1), columns: .tokens(["a"]), value: { _, _ in .absent })
    #expect(!HeatmapPicture(sound, kind: .natural, caption: "", focus: 0).svg().contains("#d62728"))
  }

  @Test func theEngineWatchesWhatIsShown() throws {
    var scene = try Scene.conversation()
    #expect(scene.effects.watches == [Watch(nil)])
    #expect(scene.enter("/heat lens").watches == [Watch(.lens)])
    scene.probe()
    scene.state.focus(on: .heatmap)
    #expect(scene.press(.left).watches == [Watch(.lens, focus: Scene.tokens.count - 2)])
    #expect(scene.press("$").watches == [Watch(.lens)])
    #expect(scene.enter("/heat head 7 4").watches == [Watch(.attention(layer: 7, head: 4))])
    scene.probe()
    #expect(scene.press("]").watches == [Watch(.attention(layer: 7, head: 5))])
    for _ in 0..<4 { scene.press("]") }
    #expect(scene.state.watch == Watch(.attention(layer: 8, head: 0)))
    scene.press("[")
    #expect(scene.state.watch == Watch(.attention(layer: 7, head: 8)))
    // Out of sight, nothing is computed.
    scene.state.focus(on: .chat)
    #expect(scene.press("z").watches == [nil])
    #expect(scene.press("z").watches == [Watch(.attention(layer: 7, head: 8))])
    // Similarity is recorded with every token.
    #expect(scene.enter("/heat attn").watches == [Watch(nil)])
  }

  /// What was said earlier is there to be looked at, whichever session or branch is opened.
  @Test func conversationsAreRecalled() throws {
    var scene = try Scene.conversation()
    let session = scene.state.session
    #expect(scene.effects.recalled == [[]])
    let opened = scene.send(.sessionOpened(session, name: "sky", isNew: false))
    #expect(opened.recalled == [session.conversation.messages()])
    #expect(scene.state.similarity == nil && scene.state.probe == nil)
    let reloaded = scene.send(.engine(.loaded(try #require(scene.state.model))))
    #expect(reloaded.recalled.last?.count == 4)
    scene.usePlan()
    scene.enter("/rerun")
    scene.answer(Scene.rerunAnswer)
    #expect(scene.enter("/branch 1").recalled.last?.last?.content == Scene.secondAnswer)
  }

  @Test func aHeadIsPickedFromTheOverview() throws {
    var scene = try Scene.heatmap("heads")
    scene.press("j")
    scene.press("j")
    scene.press(.right)
    scene.press(.enter)
    #expect(scene.state.heatmap.view.name == "head")
    #expect(scene.effects.watches.last == Watch(.attention(layer: 2, head: 1)))
  }

  /// At 2,000 tokens all of the text fits, a token is found by its place, and steps are those of the screen.
  @Test(arguments: ["attn", "head", "lens"])
  func zoom(_ name: String) throws {
    let tokens = (0..<2000).map { " t\($0)" }
    var scene = try Scene.heatmap(name, tokens: tokens)
    for _ in 0..<12 { scene.press("-") }
    let map = try #require(scene.state.heatmap.view.map(scene.state.findings))
    let geometry = try #require(
      HeatmapGeometry(
        map, scene.state.heatmap, layer: scene.state.layer, plan: scene.state.plan,
        size: Size(width: 78, height: 20), hasPixels: true))
    #expect(geometry.shownColumns == geometry.columns.count && geometry.zoom.pooled >= 32)
    let watch = ContinuousClock()
    #expect(watch.measure { _ = render(scene.state) } < .seconds(1))
    scene.press(.left)
    #expect(scene.state.heatmap[cursor: .token].map { $0 < 2000 - geometry.zoom.pooled } == true)
    for _ in 0..<20 { scene.press("+") }
    #expect(scene.state.heatmap.zoom.map { $0.pooled == 1 && $0.width > 9 } == true)
    scene.press("0")
    #expect(scene.state.heatmap[cursor: .token] == 0)
  }

  @Test func layersAreFiltered() throws {
    var scene = try Scene.heatmap("attn")
    scene.enter("/heat only 3 5-6")
    scene.state.focus(on: .heatmap)
    scene.press("g")
    #expect(scene.state.layer == 3)
    scene.press("j")
    #expect(scene.state.layer == 5)
    scene.press("G")
    #expect(scene.state.layer == 6)
    scene.enter("/drop block 5")
    scene.enter("/heat only running")
    scene.press("k")
    #expect(scene.state.layer == 6 || scene.state.layer == 4)
    scene.enter("/heat only 99")
    #expect(scene.state.notice?.kind == .error)
    scene.enter("/heat only all")
    #expect(scene.state.heatmap.filter == .all)
  }

  @Test func aClickMovesTheCursor() throws {
    var scene = try Scene.heatmap("attn")
    scene.send(.input(.mouse(Mouse(.press(.left), at: Point(x: 1 + 4 + 2 * 2, y: 2 + 1)))))
    #expect(scene.state.heatmap[cursor: .token] == 2 && scene.state.layer == 2)
  }

  @Test(arguments: HeatmapViews.all.map(\.name))
  func files(_ name: String) throws {
    var scene = try Scene.heatmap(name)
    let svg = try #require(scene.enter("/heat save map.svg").saved.first)
    #expect(svg.path == "map.svg")
    let parser = XMLParser(data: Data(svg.text.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(svg.text.contains("SmolLM2-135M-Instruct · Q4_1 · plan baseline"))
    let csv = try #require(scene.enter("/heat save map.csv").saved.first).text
    let lines = csv.split(separator: "\n"),
      map = try #require(scene.state.heatmap.view.map(scene.state.findings))
    var cells = 0
    for row in 0..<map.rows.count {
      for column in 0..<map.columns.count where !map.isMasked(row, column) { cells += 1 }
    }
    #expect(lines.count == cells + 1)
    #expect(Set(lines[0].split(separator: ",")).count == lines[0].split(separator: ",").count)
  }

  @Test func filesHaveWhatIsAskedFor() throws {
    var scene = try Scene.heatmap("head")
    let csv = try #require(scene.enter("/heat save a.csv 3-5").saved.first).text
    let lines = csv.split(separator: "\n")
    #expect(lines[0] == "looking_token_position,looking_token,seen_token_position,seen_token,weight")
    #expect(lines.count == 1 + 6)
    #expect(lines[1].hasPrefix("3,Why,3,Why,0."))
    #expect(lines.last?.hasPrefix("5,\" the\",5,\" the\",") == true)
    for line in [
      "/heat save", "/heat save a.png", "/heat save a.svg 5-3", "/heat save a.svg 0-9999",
      "/heat save a.svg x",
    ] {
      #expect(scene.enter(line).saved.isEmpty)
      #expect(scene.state.notice?.kind == .error, "\(line)")
    }
    var empty = try Scene()
    empty.load()
    #expect(empty.enter("/heat save a.csv").saved.isEmpty && empty.state.notice?.kind == .error)
  }

  /// A figure of a measurement that is under way says how far it is; one of nothing is not made.
  @Test func unfinishedFiguresSaySo() throws {
    var scene = try Scene.conversation()
    scene.enter("/heat lens")
    let guess = Lens.Guess(text: "sky", probability: 0.5)
    func report(_ columns: [[Lens.Guess]?]) {
      scene.send(
        .engine(
          .probe(
            ProbeReport(
              tokens: Scene.tokens, content: .lens(Lens(places: 31, columns: columns)), fraction: 0.25))))
    }
    var columns: [[Lens.Guess]?] = Array(repeating: nil, count: Scene.tokens.count)
    columns[7] = Array(repeating: guess, count: 31)
    report(columns)
    #expect(scene.enter("/heat save a.csv 0-5").saved.isEmpty)
    #expect(scene.state.notice?.text.contains("25 % computed") == true)
    let effects = scene.enter("/heat save a.svg 5-9")
    #expect(effects.saved.first?.text.contains("plan baseline · 25 % computed") == true)
    guard case .save(_, _, "25 % computed, the rest is empty")? = effects.first else {
      Issue.record("\(effects)")
      return
    }
  }

  @Test func anUnfinishedMeasurementOfDamageSaysSo() throws {
    var scene = try Scene.conversation()
    scene.send(.engine(.analysis(.report(Scene.damage(parts: [.attention])))))
    scene.enter("/heat damage")
    #expect(scene.state.heatmap.view.map(scene.state.findings)?.fraction == 1.0 / 3)
    scene.send(.engine(.analysis(.report(Scene.damage()))))
    #expect(scene.state.heatmap.view.map(scene.state.findings)?.fraction == 1)
  }

  @Test func layersWithoutAttentionSaySo() throws {
    var scene = try Scene.conversation()
    scene.enter("/heat head 3 0")
    let pattern = AttentionPattern(layer: 3, head: 0, heads: 0, rows: [])
    scene.send(.engine(.probe(ProbeReport(tokens: ["a"], content: .attention(pattern)))))
    #expect(render(scene.state).plainText.contains("no attention runs in layer 3"))
  }
}
