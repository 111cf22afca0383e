import Analysis
import Foundation
import Sessions
import Synchronization
import Terminal
import TestModels
import Testing
import Tokenization

@testable import Inference
@testable import Interface

/// The Compare pane: what the plans say of both texts, tokens that are looked at, and runs to choose from.
@Suite struct ComparisonTests {
  private func compared(width: Int = 120, height: Int = 40) throws -> Scene {
    var scene = try Scene.conversation(width: width, height: height)
    scene.compare()
    scene.tellComparison()
    scene.state.focus(on: .compare)
    return scene
  }

  private func news(_ news: AnalysisNews) -> AppEvent { .engine(.analysis(news)) }

  private func summary(_ scene: Scene) throws -> String {
    ComparisonFigures(try #require(ComparedAnswers(scene.state))).summary.plainText
  }

  // MARK: The background

  @Test func plansAreComparedWhenTheAnswerHasEnded() throws {
    var scene = try Scene.conversation()
    scene.effects = []
    scene.enter("/drop attn 7")
    scene.enter("/rerun")
    scene.stream("At sunset")
    #expect(scene.effects.analyses.isEmpty)
    scene.answer(" light takes.")
    let requests = scene.effects.analyses
    let pair = try #require(scene.state.comparison?.pair)
    #expect(requests.count == 1 && (requests.first as? ComparisonRequest)?.pair == pair)
    // It is no work that somebody asked for.
    #expect(!scene.state.isWorking && scene.enter("/measure").stoppedAnalyses == 1)
    #expect(scene.state.analysis.next is DamageRequest && scene.effects.analyses.count == 1)
    // The measurement begins when the other has ended, and the comparison goes on after it.
    let next = scene.send(news(.ended(.stopped)))
    #expect(next.analyses.first is DamageRequest && scene.state.comparison?.obstacle == nil)
    let last = scene.send(news(.ended(.stopped)))
    #expect((last.analyses.first as? ComparisonRequest)?.pair == pair)
    scene.tellComparison()
    #expect(scene.send(.tick(9)).analyses.isEmpty, "once is enough")
  }

  /// A pair that is not on the screen any more is given up, once.
  @Test func anotherRerunGivesTheOldPairUp() throws {
    var scene = try Scene.conversation()
    scene.enter("/rerun")
    scene.answer("At sunset.")
    scene.effects = []
    scene.enter("/rerun")
    #expect(scene.effects.stoppedAnalyses == 1 && scene.effects.requests.count == 1)
    scene.send(.tick(3))
    #expect(scene.effects.stoppedAnalyses == 1)
    scene.send(news(.ended(.stopped)))
    #expect(scene.state.comparison?.obstacle == nil && scene.effects.analyses.isEmpty)
    scene.answer("At sunset.")
    #expect(scene.effects.analyses.count == 1)
    // What was asked for and stopped by the user stays so until it is asked for again.
    scene.state.focus(on: .compare)
    #expect(scene.press("c", .control).stoppedAnalyses == 1)
    #expect(scene.send(news(.ended(.stopped))).analyses.isEmpty)
    #expect(try summary(scene).contains("KL: stopped, d goes on"))
    #expect(scene.press("d").analyses.count == 1)
    scene.send(news(.ended(.failed("A is of another model"))))
    #expect(scene.state.notice?.kind != .error)
    #expect(try summary(scene).contains("no KL: A is of another model"))
    // Closing the comparison gives up too.
    scene.press("d")
    scene.effects = []
    scene.press("x")
    #expect(scene.state.comparison == nil && scene.effects.stoppedAnalyses == 1)
  }

  // MARK: Tokens

  @Test func tokensAreLookedAt() throws {
    var scene = try compared()
    let split = 6
    scene.press(.right)
    #expect(scene.state.comparison?.cursor == .init(side: .second, token: split))
    scene.press(.right)
    scene.press(.left)
    scene.press(.left)
    #expect(scene.state.comparison?.cursor?.token == split - 1)
    #expect(
      scene.screen.contains("B 5 “ longer” · KL 0.312 · JS 0.078 · rank 1 in A, 3 in B"), "\(scene.screen)")
    let style = scene.state.theme[.popupCursor]
    #expect(render(scene.state).cells.count { $0.style == style } == " longer".count)
    scene.press("c")
    #expect(scene.state.comparison?.cursor == .init(side: .first, token: 5))
    scene.press("w")
    let worst = try #require(scene.state.comparison.flatMap { scene.state.pairs.report($0.pair) })
      .first.divergence.worst(10)
    #expect(scene.state.comparison?.cursor?.token == worst[0])
    scene.press("w")
    #expect(scene.state.comparison?.cursor?.token == worst[1])
    scene.press("W")
    scene.press("W")
    #expect(scene.state.comparison?.cursor?.token == worst[9])
    scene.press("s")
    #expect(scene.state.comparison?.cursor == .init(side: .first, token: split))
    // Up and down go by rows.
    scene.press(.down)
    let below = try #require(scene.state.comparison?.cursor?.token)
    #expect(below > split)
    scene.press(.up)
    #expect(try #require(scene.state.comparison?.cursor?.token) < below)
    scene.press(.escape)
    #expect(scene.state.comparison?.cursor == nil && scene.state.focus == .compare)
    scene.press(.escape)
    #expect(scene.state.focus == .input)
  }

  /// Words are shaded on every kind of terminal, and what is no number is not taken for the same.
  @Test func shadesAndNaN() throws {
    var scene = try Scene.conversation()
    scene.compare()
    scene.tellComparison(kl: { $0 == 3 ? .nan : 0 })
    let style = scene.state.theme[.error]
    // “ a” of both answers, in the text alone.
    #expect(render(scene.state).cells.count { $0.style == style } > 2)
    let words = try summary(scene)
    #expect(
      words.contains("NaN: some predictions are not a number · KL NaN (A's text NaN, B's NaN)"), "\(words)")
    #expect(words.contains("same top NaN %") && !words.contains("KL 0"))
    scene.state.focus(on: .compare)
    scene.press("w")
    #expect(scene.state.comparison?.cursor?.token == 3)
    #expect(scene.screen.contains("KL NaN · JS NaN · rank 1 in A, NaN in B"), "\(scene.screen)")
    #expect(scene.screen.contains("B NaN") && scene.screen.contains("!"))

    scene.state.pairs = ComparedPairs()
    scene.tellComparison(kl: { _ in 0 })
    #expect(try summary(scene).contains("B predicts the same as A · KL 0.000"))
    #expect(
      Shade(.nan) == .notANumber && Shade(0) == .step(0) && Shade(1) == .step(15) && Shade(9) == .step(15))
    for theme in ["dark", "mono"] {
      let theme = try ThemeCatalog(userFolder: nil).theme(theme)
      let plain = theme[.text]
      let looks = [ColorDepth.mono, .palette256, .trueColor].map { colors in
        Set((0..<Shade.steps).map { Shade.step($0).style(over: plain, theme: theme, colors: colors) }).count
      }
      #expect(looks[0] == 4 && looks[1] >= 4)
      #expect(Shade.step(0).style(over: plain, theme: theme, colors: .trueColor) == plain)
      #expect(Shade.notANumber.style(over: plain, theme: theme, colors: .trueColor) == theme[.error])
    }
  }

  @Test func whatTokensStandInRows() {
    let rows = WrappedText("**Red** and\n\n- `blue`", width: 20).rows
    let pieces = ["**", "Red", "**", " and", "\n\n", "-", " `", "blue", "`"]
    let places = TokenPlace.all(of: pieces, in: rows)
    func text(_ token: Int) -> String? {
      places.first { $0.token == token }.map { rows[$0.row].text($0.cells) }
    }
    #expect(text(1) == "Red" && text(7) == "blue" && text(3)?.contains("and") == true)
    let wide = [TextRow(line: [Span("天地 e\u{301}x")])]
    let found = TokenPlace.all(of: ["天", "地", " e", "\u{301}x"], in: wide)
    #expect(found.map(\.cells) == [0..<2, 2..<4, 4..<6, 6..<7])
  }

  @Test func sparklines() {
    #expect(KLScale.sparkline([0, 2, 9, .nan], of: 4, width: 10) == "▁██!")
    #expect(KLScale.sparkline([0, 0.5], of: 4, width: 4) == "▁▅··")
    #expect(KLScale.sparkline([0, 2, 0, 0], of: 4, width: 2) == "█▁")
    #expect(KLScale.sparkline([], of: 0, width: 5) == "")
    #expect((0..<10).map { KLScale.cell(of: $0, of: 10, width: 5) } == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
  }

  @Test(arguments: [(120, 40), (80, 24), (60, 20)])
  func snapshots(_ size: (Int, Int)) throws {
    var scene = try compared(width: size.0, height: size.1)
    try expectSnapshot(render(scene.state).framedText, "compared-\(size.0)x\(size.1)")
    scene.press("w")
    scene.state.notice = nil
    try expectSnapshot(render(scene.state).framedText, "compared-token-\(size.0)x\(size.1)")
  }

  // MARK: Scrolling and runs

  /// The shorter answer keeps its last screen while the longer goes on.
  @Test func neitherColumnGoesBlank() throws {
    var scene = try Scene.conversation(width: 80, height: 24)
    scene.enter("/rerun")
    scene.answer((1...200).map { "word\($0)" }.joined(separator: " "))
    scene.tellComparison()
    scene.state.focus(on: .compare)
    for _ in 0..<12 { scene.press(.pageDown) }
    #expect(scene.screen.contains("word200") && scene.screen.contains("about 5.9."), "\(scene.screen)")
    #expect(try summary(scene).contains("B is ") && summary(scene).contains("× as long as A"))
    // A token of the shorter answer that is looked at is on the screen.
    scene.press(.right)
    scene.press("c")
    for _ in 0..<10 { scene.press(.left) }
    let style = scene.state.theme[.popupCursor]
    #expect(render(scene.state).cells.contains { $0.style == style })
  }

  @Test func runsAreChosen() throws {
    var scene = try compared()
    #expect(!scene.screen.contains("1 baseline"))
    scene.enter("/drop attn 2")
    scene.usePlan()
    scene.enter("/rerun")
    scene.answer("It is red.", rate: 150)
    scene.tellComparison()
    scene.state.focus(on: .compare)
    let runs = scene.state.comparedRuns.map(\.id)
    #expect(runs.count == 3 && scene.state.comparison?.pair == ComparedPair(first: runs[0], second: runs[2]))
    #expect(scene.screen.contains(#/A 1 baseline.* · 2 lean.* · B 3 /#), "\(scene.screen)")
    scene.press("}")
    #expect(scene.state.comparison?.second == runs[1])
    scene.press("]")
    #expect(scene.state.comparison?.first == runs[2])
    scene.press("[")
    scene.press("{")
    #expect(scene.state.comparison?.pair == ComparedPair(first: runs[0], second: runs[2]))
    scene.press("v")
    #expect(scene.state.comparison?.pair == ComparedPair(first: runs[2], second: runs[0]))
    // What was compared before is there at once; a new pair is compared.
    scene.send(news(.ended(.stopped)))
    #expect(scene.send(.tick(1)).analyses.isEmpty == (scene.state.analysis.running != nil))
  }

  @Test func thoughtsUnfoldInTheComparison() throws {
    var scene = try Scene.thinker(width: 120, height: 40)
    let figures = ThoughtStatistics(tokens: 4, seconds: 0.5, firstContentSeconds: 4.2)
    scene.thinkAndAnswer(figures: figures)
    scene.enter("/rerun")
    scene.thinkAndAnswer("Another thought altogether", "It is well.", figures: figures)
    scene.state.focus(on: .compare)
    #expect(!scene.screen.contains("│ Another thought"))
    scene.press("o")
    #expect(
      scene.screen.contains("│ Another thought") && scene.screen.contains("▾ thought"), "\(scene.screen)")
    scene.press("o")
    #expect(!scene.screen.contains("│ Another thought"))
  }

  // MARK: The verdict

  @Test func verdicts() {
    let words = [0, 0.005, 0.05, 0.3, 2, .infinity, .nan].map { Verdict.Nearness($0) }
    #expect(words == [.same, .nearlySame, .close, .different, .farApart, .farApart, .notANumber])
    #expect(Verdict.lengths(100, 300) == "B is 3.0× as long as A")
    #expect(Verdict.lengths(300, 100) == "A is 3.0× as long as B")
    #expect(Verdict.lengths(100, 140) == nil && Verdict.lengths(2, 6) == nil && Verdict.lengths(0, 90) == nil)
  }

  @Test func timingInTurns() throws {
    var scene = try compared()
    let effects = scene.press("t")
    #expect(effects.analyses.first is SpeedRequest)
    scene.send(news(.progress(.init(what: "timing in turns", fraction: 0.5))))
    scene.state.notice = nil
    #expect(scene.screen.contains("timing in turns 50 %"))
    scene.send(news(.ended(.stopped)))
    #expect(scene.state.notice?.text == "stopped: nothing is timed")
    #expect(try summary(scene).contains("142 → 171 tok/s once"))
  }

  // MARK: The real engine

  private let lean = Plan.with {
    $0.drop.attention = [2]
    $0.bits.mlp = .four
  }

  /// A session whose answers a tiny model gave, as the program records them.
  private func talk(_ model: Model, _ plans: [Plan]) throws -> Session {
    let reference = ModelReference(name: model.name, path: model.file.path)
    var session = Session()
    try session.apply(.message(id: 1, parent: nil, role: .user, content: "Why so blue?"))
    let prompt = try model.chatFormat.tokens(session.conversation.messages(to: 1))
    for (index, plan) in plans.enumerated() {
      var sampling = SamplingOptions(), given: [AnswerToken] = []
      sampling.seed = 7
      let context = try InferenceContext(model, plan: plan, threads: 1, context: 512)
      let statistics = try context.answer(
        prompt, sampling: sampling, maximumTokens: 90, isPlain: model.chatFormat.isPlain
      ) { token, _ in given.append(token) }
      try session.apply(
        .answerBegan(id: 2 + index, parent: 1, model: reference, plan: plan, sampling: sampling))
      try session.apply(
        .answerText(id: 2 + index, text: given.map(\.text).joined(), tokenIDs: given.map(\.id)))
      try session.apply(.answerEnded(id: 2 + index, statistics))
    }
    return session
  }

  /// The last report of a job, which is paused a few times on its way.
  private func run<Report: AnalysisReport>(
    _ job: some AnalysisJob, _ model: Model, _ type: Report.Type
  ) throws -> Report {
    let last = Mutex<Report?>(nil), checks = Atomic(0)
    let pace = Pace(
      mustPause: {
        let check = checks.wrappingAdd(1, ordering: .relaxed).newValue
        return check % 11 == 0 && check < 60
      }, giveWay: {},
      report: { if case .report(let report) = $0 { last.withLock { $0 = report as? Report } } })
    // The chat's context, under another plan and with other tokens.
    let context = try InferenceContext(model, plan: lean, threads: 1, context: 512, keepsStream: true)
    try context.read([5, 6, 7])
    try job.run(in: context, pace)
    #expect(context.tokens == [5, 6, 7] && context.plan == lean)
    return try #require(last.withLock { $0 })
  }

  @Test func theEngineComparesBothTexts() throws {
    let model = try TinyModel.llama().endless.withFile { try Model(path: $0) }
    let session = try talk(model, [.baseline, lean, .baseline])
    let pair = ComparedPair(first: 2, second: 3)
    let report = try run(
      AnswerComparison(pair: pair, conversation: session.conversation), model, PairReport.self)
    #expect(report.isWhole && report.pair == pair && report.fraction == 1)
    let prompt = try model.chatFormat.tokens(session.conversation.messages(to: 1))
    for (text, id) in [(report.first, 2), (report.second, 3)] {
      let node = try #require(session.conversation[id])
      let ids = try #require(node.answer?.tokenIDs).filter { $0 >= 0 }.map { Token($0) }
      #expect(text.pieces.joined() == node.content)
      #expect(
        try text.divergence
          == AnswerDivergence(
            of: ids, after: prompt, under: InferenceContext(model, plan: lean, threads: 1, context: 512),
            against: InferenceContext(model, threads: 1, context: 512)))
      #expect(text.readOut(0)?.count == 4 && text.readOut(ids.count) == nil)
    }
    // The same plan: no KL at all, and no split.
    let same = try run(
      AnswerComparison(pair: ComparedPair(first: 2, second: 4), conversation: session.conversation), model,
      PairReport.self)
    #expect(same.means == Verdict.Means(same.first.divergence, same.second.divergence))
    #expect(same.means?.kl == 0 && same.means?.js == 0 && same.means?.sameTop == 1)
    #expect(same.first.divergence.answer == same.second.divergence.answer)
    let speeds = try run(
      SpeedComparison(pair: pair, conversation: session.conversation), model, PairSpeeds.self)
    #expect(
      speeds.turns.first.count == SpeedTurns.usual && Verdict.speed(speeds.turns)?.contains("6 turns") == true
    )
  }

  // MARK: Lockstep

  /// Steps along the texts and along tokens of one's own say what contexts of their own say.
  @Test func lockstepIsWhatBothPlansSay() throws {
    let model = try TinyModel.llama().endless.withFile { try Model(path: $0) }
    let session = try talk(model, [.baseline, lean])
    let prompt = try model.chatFormat.tokens(session.conversation.messages(to: 1))
    let answer = try #require(session.conversation[2]?.answer?.tokenIDs).map { Token($0) }
    let contexts = LockstepContexts(ComparedPair(first: 2, second: 3), session.conversation)
    for tokens in [[], Array(answer.prefix(5)), Array(answer.prefix(6)), Array(answer.prefix(3)) + [40, 41]] {
      let report = try run(LockstepStep(contexts: contexts, tokens: tokens), model, LockstepReport.self)
      #expect(report.tokens == tokens)
      #expect(report.text == tokens.map { model.tokenizer.text(of: $0) }.joined())
      for (side, plan) in [(PairReport.Side.first, Plan.baseline), (.second, lean)] {
        let context = try InferenceContext(model, plan: plan, threads: 1, context: 512)
        let expected = LogDistribution(try context.read(prompt + tokens), kernels: context.kernels)
        #expect(report[side].map(\.id) == expected.likeliest(10))
        #expect(
          report[side].map(\.probability) == expected.likeliest(10).map { expected.probability(of: $0) })
      }
      // What one says of the other's candidates.
      for candidate in report.first {
        if let same = report.second.first(where: { $0.id == candidate.id }) {
          #expect(same.probability == candidate.other && same.other == candidate.probability)
        }
      }
    }
  }

  @Test func lockstepFollowsKeys() throws {
    var scene = try compared()
    let report = try #require(scene.state.comparison.flatMap { scene.state.pairs.report($0.pair) })
    let (a, b) = (report.first.divergence.answer, report.second.divergence.answer)
    func tell() {
      guard let tokens = scene.state.lockstep?.tokens else { return }
      func candidates(_ first: Int) -> [LockstepReport.Candidate] {
        (0..<10).map {
          .init(
            id: Token(first + $0), label: "t\(first + $0)", probability: 0.5 / Double($0 + 1), other: 0.01)
        }
      }
      scene.send(
        news(
          .report(
            LockstepReport(
              tokens: tokens, text: "so far", divergence: Divergence(kl: 0.25, js: 0.06, sameTop: false),
              first: candidates(100), second: candidates(200)))))
      scene.send(news(.ended(.finished)))
    }
    let effects = scene.press(.enter)
    #expect((effects.analyses.first as? LockstepRequest)?.tokens == Array(b.prefix(6)))
    tell()
    #expect(
      scene.screen.contains("Lockstep · after 6 tokens") && scene.screen.contains("“t100”"), "\(scene.screen)"
    )
    #expect(scene.screen.contains("“t209”") && scene.screen.contains("KL 0.250 · JS 0.060 · another top"))
    // Along either text from where they part, and not from one to the other.
    scene.press("b")
    #expect(scene.state.lockstep?.tokens == Array(b.prefix(7)))
    scene.press("a")
    #expect(scene.state.lockstep?.tokens == Array(b.prefix(7)))
    #expect(scene.state.notice?.text.contains("not on the way of A's text") == true)
    scene.press(.backspace)
    scene.press("a")
    #expect(scene.state.lockstep?.tokens == Array(a.prefix(7)))
    // Steps that come while one is computed make one more, for the last.
    scene.effects = []
    tell()
    scene.press(.right)
    scene.press(.down)
    scene.press(.enter)
    #expect(scene.state.lockstep?.tokens == Array(a.prefix(7)) + [201])
    tell()
    scene.press(.escape)
    #expect(scene.state.lockstep == nil && scene.state.overlay == nil && scene.state.focus == .compare)
  }

  @Test func pairsThatCannotBeCompared() throws {
    let model = try TinyModel.llama().endless.withFile { try Model(path: $0) }
    var session = try talk(model, [.baseline, lean])
    func refusal(_ pair: ComparedPair) -> String? {
      do {
        _ = try run(AnswerComparison(pair: pair, conversation: session.conversation), model, PairReport.self)
        return nil
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal(ComparedPair(first: 1, second: 2)) == "A is no answer")
    let other = ModelReference(name: "Other", path: "/x/other.gguf")
    try session.apply(
      .answerBegan(id: 9, parent: 1, model: other, plan: .baseline, sampling: SamplingOptions()))
    try session.apply(.answerText(id: 9, text: "ab", tokenIDs: [5, 6]))
    #expect(refusal(ComparedPair(first: 2, second: 9)) == "B is of Other, and \(model.name) is loaded")
    try session.apply(
      .answerBegan(
        id: 10, parent: 1, model: ModelReference(name: model.name, path: model.file.path), plan: .baseline,
        sampling: SamplingOptions()))
    try session.apply(.answerText(id: 10, text: "ab", tokenIDs: [5, 6]))
    try session.apply(.answerPlan(id: 10, lean))
    #expect(refusal(ComparedPair(first: 10, second: 2)) == "the plan of A changed on the way")
  }
}
