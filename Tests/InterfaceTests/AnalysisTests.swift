import Analysis
import Foundation
import Inference
import Sessions
import Terminal
import Testing

@testable import Interface

/// Measuring damage and searching for plans, from keys to what is shown.
@Suite struct AnalysisTests {
  private func scene(width: Int = 120, height: Int = 40, theme: String = "dark") throws -> Scene {
    var scene = try Scene.conversation(
      width: width, height: height, theme: theme, colors: theme == "mono" ? .mono : .palette256)
    scene.state.focus(on: .layers)
    return scene
  }

  private func news(_ news: AnalysisNews) -> AppEvent { .engine(.analysis(news)) }

  @Test func measuringFillsInAndIsKept() throws {
    var scene = try scene()
    let effects = scene.press("d")
    let request = DamageRequest(
      model: "/models/SmolLM2-135M-Instruct.Q4_1.gguf", plan: .baseline, text: .builtin, tokens: 256)
    #expect(effects.analyses as? [DamageRequest] == [request])
    #expect(scene.press("d").analyses.isEmpty && scene.state.notice?.text.contains("under way") == true)
    scene.send(news(.progress(.init(what: "measuring damage", fraction: 0.25))))
    scene.state.notice = nil
    #expect(render(scene.state).plainText.contains("measuring damage 25 %"))
    scene.send(news(.report(Scene.damage(parts: [.attention]))))
    #expect(render(scene.state).plainText.contains("damage (KL)"))
    let report = Scene.damage()
    scene.send(news(.report(report)))
    let ended = scene.send(news(.ended(.finished)))
    #expect(ended.keptDamage == [report] && scene.state.analysis.running == nil)
    #expect(
      scene.state.notice?.text
        == "90 drops over 256 tokens; least KL: attention 13 0.020, attention 26 0.020, attention 2 0.024")
  }

  /// Before anything is said, what a measurement saw of similarity is shown.
  @Test func measuringTellsSimilarity() throws {
    var scene = try Scene()
    scene.load()
    scene.send(news(.report(Scene.damage(parts: [.attention]))))
    #expect(scene.state.redundancy.attention.count == 30 && scene.state.redundancy.attention[4] == 0.986)
    #expect(scene.state.redundancy.mlp.isEmpty && render(scene.state).plainText.contains("0.986"))
    // A conversation's own figures go before it.
    scene = try self.scene()
    let own = scene.state.redundancy
    scene.send(news(.report(Scene.damage())))
    #expect(scene.state.redundancy == own)
  }

  private struct CountReport: AnalysisReport { var count: Int }

  private struct CountRequest: AnalysisRequest {
    var activity: String { "counting" }
    func prepare(_ directories: Directories) -> PreparedAnalysis {
      PreparedAnalysis(job: DamageMeasurement())
    }
    func ended(isWhole: Bool, _ state: inout AppState) -> [Effect] {
      state.say("\(state.analysis.reports[CountReport.self]?.count ?? 0) counted")
      return []
    }
  }

  /// Another analysis needs a request with its report, and nothing else here.
  @Test func anotherAnalysisRunsLikeTheFirst() throws {
    var scene = try scene()
    let effects = scene.state.beginAnalysis(CountRequest())
    #expect(effects.analyses.count == 1)
    #expect(render(scene.state).plainText.contains("counting 0 %"))
    #expect(scene.press("d").analyses.isEmpty)
    scene.send(news(.report(CountReport(count: 1))))
    scene.send(news(.report(CountReport(count: 2))))
    scene.send(news(.report(Scene.damage())))
    scene.send(news(.ended(.finished)))
    #expect(scene.state.notice?.text == "2 counted" && scene.state.analysis.running == nil)
  }

  @Test func measuresOtherTexts() throws {
    var scene = try scene()
    func text(_ line: String) -> DamageRequest? {
      scene.send(news(.ended(.stopped)))
      return scene.enter(line).analyses.first as? DamageRequest
    }
    #expect(text("/measure 512")?.tokens == 512)
    #expect(text("/measure notes.txt")?.text == .file("notes.txt"))
    guard case .conversation(let messages)? = text("/measure chat")?.text else {
      Issue.record("no conversation")
      return
    }
    #expect(messages.count == 4 && messages[0].content == "Why is the sky blue?")
    #expect(text("/measure 1") == nil && scene.state.notice?.kind == .error)
    scene = try Scene()
    scene.load()
    #expect(text("/measure chat") == nil)
    scene = try Scene()
    #expect(text("/measure") == nil)
  }

  /// ^C and Esc stop the analysis, but an answer first.
  @Test func stops() throws {
    var scene = try scene()
    scene.press("d")
    // Also while a plan is being made ready for it.
    scene.send(.engine(.progress(.init(what: "re-encoding", fraction: 0.4))))
    #expect(scene.press("c", .control).stoppedAnalyses == 1)
    scene.usePlan()
    #expect(scene.press("c", .control).stoppedAnalyses == 1)
    scene.state.focusInput()
    #expect(scene.press(.escape).stoppedAnalyses == 1)
    scene.enter("Hello")
    let effects = scene.press("c", .control)
    #expect(effects.interrupts == 1 && effects.stoppedAnalyses == 0)
    scene.send(news(.ended(.stopped)))
    #expect(scene.state.notice?.text == "stopped")
    scene.press("d")
    scene.send(news(.ended(.failed("no memory"))))
    #expect(scene.state.notice?.kind == .error && scene.state.analysis.running == nil)
  }

  /// What is not measured yet may do least damage of all, and what is measured first may be the worst.
  @Test func dropsBySimilarityUntilAllIsMeasured() throws {
    var scene = try scene()
    let bySimilarity = scene.state.redundancy.mostRedundant(.attention, in: .baseline)
    let whole = Scene.damage()
    var part = DamageReport(
      plan: whole.plan, tokens: whole.tokens, baseline: whole.baseline, undropped: whole.undropped)
    for entry in whole.entries where entry.dropped != Droppable(.attention, 13) { part.add(entry) }
    scene.send(news(.report(part)))
    #expect(scene.state.nextToDrop?.layer == bySimilarity)
    scene.press("a")
    #expect(scene.state.notice?.text.contains("similarity") == true)
    // What is dropped already need not be measured.
    scene.enter("/restore all")
    scene.enter("/drop attn 13")
    #expect(scene.state.nextToDrop?.layer == 26)
  }

  @Test func dropsTheLeastDamaging() throws {
    var scene = try scene()
    #expect(scene.state.nextToDrop?.layer == scene.state.redundancy.mostRedundant(.attention, in: .baseline))
    scene.send(news(.report(Scene.damage())))
    #expect(scene.state.nextToDrop?.layer == 13)
    scene.press("a")
    scene.press("a")
    #expect(scene.state.plan.drop.attention == [13, 26])
    #expect(scene.state.notice?.text == "dropped the attention of layer 26, KL 0.020 alone")
    scene.load()
    #expect(scene.state.findings.damage == nil)
  }

  @Test func ordersLayers() throws {
    var scene = try scene()
    #expect(scene.state.orderedLayers == Array(0..<30))
    scene.press("o")
    let similarities = scene.state.orderedLayers.map {
      scene.state.redundancy.similarity(.attention, layer: $0)
    }
    #expect(similarities == similarities.sorted(by: >) && scene.state.orderedLayers.last == 0)
    scene.press("o")
    scene.press("o")
    #expect(scene.state.layerOrder == .layer)  // damage is not measured yet
    scene.send(news(.report(Scene.damage())))
    for _ in 0..<3 { scene.press("o") }
    #expect(scene.state.layerOrder == .damage(.attention))
    #expect(scene.state.orderedLayers.prefix(3) == [13, 26, 2] && scene.state.orderedLayers.last == 0)
    // The cursor moves along the rows that are shown.
    scene.press("g")
    #expect(scene.state.layer == 13)
    scene.press("j")
    #expect(scene.state.layer == 26)
    scene.press("G")
    #expect(scene.state.layer == 0)
  }

  @Test func searches() throws {
    var scene = try scene()
    #expect(scene.press("s").inputs == ["/search "])
    let effects = scene.enter("/search drop=4 attn")
    #expect(
      effects.analyses as? [SearchRequest] == [
        SearchRequest(plan: .baseline, target: .drops(4), dimensions: [.attention], tokens: 512)
      ])
    scene.send(news(.report(Scene.search())))
    scene.send(news(.ended(.finished)))
    #expect(scene.state.overlay == .frontier)
    #expect(scene.state.notice?.text.contains("drop=4: exchange wins, KL 0.336") == true)
    let best = try #require(scene.state.analysis.search?.found.first?.plan)
    scene.press(.enter)
    #expect(scene.state.plan == best && scene.state.overlay == nil)
    scene.state.focus(on: .layers)
    scene.press("u")
    #expect(scene.state.plan == .baseline)
    // The plans that were found can be looked at again.
    scene.press("s")
    #expect(scene.state.overlay == .frontier)
    scene.press(.end)
    scene.press(.enter)
    #expect(scene.state.plan == .baseline)
    scene.enter("/search")
    scene.press(.left)
    scene.press(.escape)
    #expect(scene.state.overlay == nil && scene.state.plan == .baseline)
    for line in ["/search kl=x", "/search drop=2 kv", "/search drop=2 5"] {
      #expect(scene.enter(line).analyses.isEmpty && scene.state.notice?.kind == .error, "\(line)")
    }
  }

  @Test(arguments: [(120, 40, "dark"), (80, 24, "dark"), (80, 24, "mono"), (40, 12, "dark"), (20, 5, "dark")])
  func snapshots(_ width: Int, _ height: Int, theme: String) throws {
    var scene = try scene(width: width, height: height, theme: theme)
    scene.send(news(.report(Scene.damage())))
    scene.enter("/drop attn 13 26")
    scene.state.notice = nil
    let suffix = "\(width)x\(height)-\(theme)"
    try expectSnapshot(render(scene.state).framedText, "damage-\(suffix)")
    scene.enter("/search drop=4")
    scene.send(news(.report(Scene.search())))
    scene.send(news(.ended(.finished)))
    scene.state.notice = nil
    try expectSnapshot(render(scene.state).framedText, "frontier-\(suffix)")
  }

  /// The damage view: what is measured beside what is guessed; before that, how to measure it.
  @Test(arguments: [(120, 40, "dark"), (80, 24, "mono")])
  func damageView(_ width: Int, _ height: Int, theme: String) throws {
    var scene = try scene(width: width, height: height, theme: theme)
    scene.enter("/heat damage")
    scene.state.focus(on: .heatmap)
    #expect(render(scene.state).plainText.contains("/measure"))
    scene.send(news(.report(Scene.damage())))
    scene.press(.right)
    try expectSnapshot(render(scene.state).framedText, "damage-view-\(width)x\(height)-\(theme)")
  }

  @Test func detailsTellTheDamage() throws {
    var scene = try scene()
    scene.send(news(.report(Scene.damage())))
    scene.press(.enter)
    #expect(render(scene.state).plainText.contains("damage      2.91 KL · perplexity 22.4 →"))
  }
}
