import Engine
import Inference
import Sessions
import Terminal
import Testing

@testable import Interface

/// A conversation that is too long for the context, by each policy.
@Suite struct ContextTests {
  /// Three turns, and a fourth message that the engine finds too long.
  private func full(_ policy: String? = nil, dropped: Int? = 2, rest: Int? = 3000) throws -> Scene {
    var scene = try Scene()
    scene.load()
    if let policy { scene.enter("/context \(policy)") }
    for turn in 0..<3 {
      scene.enter("Q\(turn)")
      scene.answer("A\(turn)")
    }
    scene.enter("Q3")
    scene.effects = []
    scene.send(
      .engine(
        .promptTooLong(
          id: scene.state.answering ?? -1,
          PromptFit(tokens: 9000, capacity: 8192, dropped: dropped, rest: rest))))
    return scene
  }

  private func contents(_ request: AnswerRequest?) -> [String]? { request?.messages.map(\.content) }

  /// What the session says goes before the settings, and those before the program.
  @Test func thePolicyOfTheSettings() throws {
    var state = AppState(
      theme: try ThemeCatalog(userFolder: nil).theme("dark"), defaults: SessionDefaults(contextPolicy: .stop))
    #expect(state.contextPolicy == .stop)
    state.size = Size(width: 100, height: 40)
    func enter(_ line: String) -> [Effect] { update(&state, .submitted(line)) }
    #expect(enter("/set context_policy").isEmpty)
    #expect(
      state.notice?.text.hasPrefix("context_policy is stop, of the settings: when the context is full")
        == true)
    #expect(
      enter("/set context_policy summarise").journalled == [.setting(key: "context", value: "summarise")])
    #expect(state.contextPolicy == .summarise)
    _ = enter("/set context_policy all")
    #expect(
      state.contextPolicy == .summarise && state.notice?.text.contains("drop, summarise or stop") == true)
    _ = enter("/set")
    #expect(render(state).plainText.contains(/context_policy +summarise +chosen/))
    #expect(try Scene().state.contextPolicy == .drop)
  }

  @Test func theOldestTurnsAreLeftOut() throws {
    var scene = try full()
    #expect(scene.effects.journalled == [.contextCut(id: 7, ContextCut(start: 5))])
    #expect(contents(scene.effects.requests.first) == ["Q2", "A2", "Q3"])
    #expect(scene.state.notice?.text.contains("2 oldest turns are left out") == true)
    scene.answer("A3")
    // Visible where it acts, and nothing is lost.
    let captions = scene.state.session.conversation.path().map { scene.state.caption(of: $0).plainText }
    #expect(captions[4].contains("context begins"))
    #expect(captions[0].contains("left out") && !captions[6].contains("left out"))
    // What comes next goes on from there; a rerun sees the same prompt; an older branch sees its own.
    #expect(contents(scene.enter("Q4").requests.first) == ["Q2", "A2", "Q3", "A3", "Q4"])
    scene.answer("A4")
    scene.send(.engine(.planInUse(scene.state.figures!)))
    #expect(contents(scene.enter("/rerun").requests.first) == ["Q2", "A2", "Q3", "A3", "Q4"])
    scene.answer("A4")
    scene.send(.input(.key(.tab, [])))
    #expect(scene.state.session.conversation.messages(to: 6).count == 6)
  }

  @Test func theOldestTurnsAreSummedUp() throws {
    var scene = try full("summarise")
    let request = try #require(scene.effects.requests.first)
    #expect(request.id == Summarising.id && request.messages.count == 5)
    #expect(contents(request)?.prefix(4) == ["Q0", "A0", "Q1", "A1"])
    scene.effects = []
    for text in ["They ", "talked."] {
      scene.send(
        .engine(
          .answerText(id: Summarising.id, tokens: [AnswerToken(id: 4, text: text, logProbability: 0)])))
    }
    #expect(scene.effects.isEmpty)
    scene.send(.engine(.answerFinished(id: Summarising.id, Self.end())))
    #expect(
      scene.effects.journalled == [.contextCut(id: 7, ContextCut(start: 5, summary: "They talked."))])
    #expect(contents(scene.effects.requests.last)?.first?.contains("They talked.") == true)
    scene.answer("A3")
    #expect(scene.state.session.conversation[8]?.content == "A3")
  }

  @Test func aSummaryThatFailsOrIsStoppedLeavesNothingHanging() throws {
    var scene = try full("summarise")
    scene.send(.engine(.failed(.answer(id: Summarising.id), message: "no numbers")))
    #expect(contents(scene.effects.requests.last) == ["Q2", "A2", "Q3"])
    #expect(scene.state.notice?.text.contains("no numbers") == true)

    scene = try full("summarise")
    scene.send(.engine(.answerFinished(id: Summarising.id, Self.end(.interrupted))))
    #expect(scene.state.answering == nil && scene.state.summarising == nil && !scene.state.isWorking)
    #expect(scene.effects.journalled.last == .answerFailed(id: 8, message: "stopped"))

    // A last turn that leaves no room for a summary.
    scene = try full("summarise", dropped: 3, rest: 8000)
    #expect(scene.effects.journalled == [.contextCut(id: 7, ContextCut(start: 7))])
  }

  @Test func stoppingAsks() throws {
    var scene = try full("stop")
    #expect(scene.effects.requests.isEmpty && scene.state.answering == nil)
    #expect(scene.state.notice?.text.contains("/forget 2") == true)
    scene.enter("/forget 2")
    #expect(contents(scene.enter("/continue").requests.first) == ["Q2", "A2", "Q3"])
  }

  @Test func aMessageThatAloneIsTooLongComesBack() throws {
    var scene = try full(dropped: nil, rest: 8300)
    #expect(scene.effects.inputs == ["Q3"])
    #expect(scene.state.notice?.text.contains("too long by 109 tokens") == true)
    // It stays in the session, and is no part of what follows.
    #expect(scene.state.session.conversation[7]?.content == "Q3")
    #expect(contents(scene.enter("Q4").requests.first) == ["Q0", "A0", "Q1", "A1", "Q2", "A2", "Q4"])
  }

  @Test func anAnswerThatFillsTheContextGoesOn() throws {
    var scene = try Scene.conversation()
    scene.enter("Go on")
    scene.effects = []
    scene.answer("and so", stop: .contextFull)
    let request = try #require(scene.effects.requests.first)
    #expect(request.id == 6 && request.beginning?.tokenIDs.count == 2 && request.messages.count == 5)
    scene.send(
      .engine(.promptTooLong(id: 6, PromptFit(tokens: 8192, capacity: 8192, dropped: 2, rest: 60))))
    // The cut is the answer's own: other answers to the message see what this one saw at its beginning.
    #expect(scene.effects.journalled.last == .contextCut(id: 6, ContextCut(start: 5)))
    #expect(scene.effects.requests.last?.messages.map(\.content) == ["Go on"])
    scene.answer(" on", stop: .endOfTurn)
    #expect(scene.state.session.conversation[6]?.content == "and so on")
    #expect(scene.state.session.conversation[6]?.answer?.statistics?.answerTokens == 4)

    // With nothing to leave out it ends, and says so.
    var alone = try Scene()
    alone.load()
    alone.enter("Q")
    alone.answer("A", stop: .contextFull)
    #expect(alone.state.answering == nil && alone.state.notice?.kind == .warning)
  }

  @Test func forgettingAndRemembering() throws {
    var scene = try Scene.conversation()
    #expect(scene.enter("/forget").journalled == [.contextCut(id: 4, ContextCut(start: 3))])
    #expect(scene.effects.recalled.last?.count == 2)
    #expect(scene.enter("/forget all").journalled == [.contextCut(id: 4, ContextCut(start: 4))])
    func captions() -> [String] {
      scene.state.session.conversation.path().map { scene.state.caption(of: $0).plainText }
    }
    #expect(captions().allSatisfy { $0.contains("left out") })
    // An answer does not go on without its question.
    #expect(scene.enter("/continue").isEmpty)
    #expect(contents(scene.enter("New").requests.first) == ["New"])
    scene.answer("Yes")
    #expect(captions()[3].contains("left out") && captions()[4].contains("context begins"))
    #expect(scene.enter("/forget none").journalled == [.contextCut(id: 6, ContextCut(start: nil))])
    #expect(scene.state.session.conversation.messages().count == 6)
    for line in ["/forget x", "/forget 0", "/context x"] {
      #expect(scene.enter(line).isEmpty && scene.state.notice?.kind == .error, "\(line)")
    }
    scene.enter("/context")
    #expect(scene.state.notice?.text.contains("3 turns remembered") == true)
  }

  @Test func theMeterWarnsOnceInTime() throws {
    var scene = try Scene.conversation()
    func fill(_ tokens: Int) { scene.send(.engine(.rates(Rates(contextUsed: tokens)))) }
    fill(6000)
    #expect(scene.state.notice == nil)
    fill(6800)
    #expect(scene.state.notice?.text.contains("83 % full (6,800 of 8,192 tokens)") == true)
    scene.state.notice = nil
    fill(6900)
    #expect(scene.state.notice == nil)
    // Even a narrow header shows it then.
    scene.state.size = Size(width: 80, height: 24)
    #expect(Frame(scene.state).grid.plainText.contains("6900/8192"))
    fill(3000)
    fill(7000)
    #expect(scene.state.notice != nil)
  }

  private static func end(_ stop: StopReason = .endOfTurn) -> AnswerStatistics {
    AnswerStatistics(
      promptTokens: 1, reusedTokens: 0, answerTokens: 2, prefillTokensPerSecond: 1, decodeTokensPerSecond: 1,
      firstTokenSeconds: 1, stop: stop)
  }
}

/// Answers that go on, and answers as the user would have them.
@Suite struct ContinuingTests {
  @Test func aStoppedAnswerGoesOn() throws {
    var scene = try Scene()
    scene.load()
    #expect(scene.enter("/continue").isEmpty)
    scene.enter("Count")
    scene.answer("one two", stop: .interrupted)
    let request = try #require(scene.enter("/continue").requests.first)
    let ids = scene.state.session.conversation[2]!.answer!.tokenIDs
    #expect(
      request.beginning == AnswerBeginning(tokenIDs: ids) && request.messages.map(\.content) == ["Count"])
    #expect(request.sampling.seed == scene.state.session.conversation[2]?.answer?.sampling.seed)
    scene.answer(" three four five", rate: 69.1)
    let node = try #require(scene.state.session.conversation[2])
    #expect(node.content == "one two three four five" && node.answer?.stop == .endOfTurn)
    #expect(scene.state.chat.entries.last?.text.rows.map(\.plainText) == ["one two three four five"])
    // The figures are of the whole: 2 tokens at 138.2 and 4 at 69.1 a second.
    #expect(node.answer?.statistics?.answerTokens == 6)
    #expect(abs(try #require(node.answer?.statistics?.decodeTokensPerSecond) - 82.92) < 0.01)
    // Nothing more comes.
    scene.enter("/continue")
    scene.send(
      .engine(
        .answerFinished(
          id: 2,
          AnswerStatistics(
            promptTokens: 9, reusedTokens: 9, answerTokens: 0, prefillTokensPerSecond: 0,
            decodeTokensPerSecond: 0, firstTokenSeconds: 0, stop: .endOfTurn))))
    #expect(scene.state.notice?.text == "the model has nothing to add")
    #expect(scene.state.session.conversation[2]?.answer?.statistics?.answerTokens == 6)
  }

  @Test func anAnswerThatLoopsSaysSo() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("Sing")
    scene.stream("la la")
    var statistics = AnswerStatistics(
      promptTokens: 3, reusedTokens: 0, answerTokens: 400, prefillTokensPerSecond: 1,
      decodeTokensPerSecond: 1,
      firstTokenSeconds: 1, stop: .loop)
    statistics.loop = Repetition(from: 81, period: 4)
    scene.send(.engine(.answerFinished(id: 2, statistics)))
    #expect(scene.state.notice?.text.contains("since token 81, every 4; /continue goes on") == true)
    let node = try #require(scene.state.session.conversation[2])
    #expect(scene.state.caption(of: node).plainText.contains("repeats itself since token 81"))
  }

  @Test func anEditedAnswerIsABranchThatGoesOn() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("Why?")
    scene.answer("Because of this")
    #expect(scene.enter("/edit answer").inputs == ["Because of this"])
    scene.enter("Because of @that")  // no file is looked for in an answer
    #expect(
      scene.effects.journalled.last
        == .message(id: 3, parent: 1, role: .assistant, content: "Because of @that"))
    #expect(scene.state.session.conversation.siblings(of: 3).map(\.id) == [2, 3])
    #expect(
      scene.enter("So?").requests.first?.messages.map(\.content) == ["Why?", "Because of @that", "So?"])
    scene.answer("Yes")
    scene.send(.input(.key(.tab, [])))
    var other = try Scene()
    other.load()
    other.enter("Why?")
    other.answer("Because of this")
    other.enter("/edit answer")
    other.enter("Since")
    let request = try #require(other.enter("/continue").requests.first)
    #expect(request.id == 3 && request.beginning == AnswerBeginning(text: "Since"))
    other.answer(" it is so")
    #expect(other.state.session.conversation[3]?.content == "Since it is so")
  }

  @Test func anAnswerOfAnotherModelDoesNotGoOn() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("Why?")
    scene.answer("Because", stop: .interrupted)
    scene.send(
      .engine(
        .loaded(
          ModelSummary(
            name: "Other", path: "/models/other.gguf", architecture: "llama", fileType: "Q8_0", layers: 30,
            parameters: 1, context: 8192, threads: 2, kernels: "avx2"))))
    #expect(scene.enter("/continue").isEmpty && scene.state.notice?.kind == .warning)
  }
}
