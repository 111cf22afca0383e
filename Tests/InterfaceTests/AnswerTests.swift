import Inference
import Sessions
import Terminal
import Testing

@testable import Interface

/// Sending, answering, stopping, and the branches they make.
@Suite struct AnswerTests {
  @Test func aMessageIsJournalledBeforeTheEngineHearsOfIt() throws {
    var scene = try Scene()
    scene.load()
    let effects = scene.enter("Why is the sky blue?")
    guard case .journal(.message(1, nil, .user, "Why is the sky blue?"), _) = effects[0],
      case .journal(.answerBegan(2, 1, let model, .baseline, _), _) = effects[1],
      case .engine(.answer(let request)) = effects[2]
    else {
      Issue.record("\(effects)")
      return
    }
    #expect(effects.count == 3)
    #expect(model.name == "SmolLM2-135M-Instruct")
    #expect(request.id == 2)
    #expect(request.messages == [ChatMessage(role: .user, content: "Why is the sky blue?")])
    #expect(scene.state.answering == 2)
  }

  @Test func textStreamsIntoTheSessionAndTheChat() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("Hi")
    scene.answer("Hello there\nfriend")
    let node = try #require(scene.state.session.conversation[2])
    #expect(node.content == "Hello there\nfriend")
    #expect(node.answer?.statistics?.stop == .endOfTurn)
    #expect(scene.state.answering == nil)
    #expect(scene.state.chat.entries.last?.text.rows.map(\.plainText) == ["Hello there", "friend"])
    // What was journalled makes the same session again.
    var replayed = Session()
    for event in scene.effects.journalled { try replayed.apply(event, at: scene.state.date) }
    #expect(
      replayed.conversation.path().map(\.content) == scene.state.session.conversation.path().map(\.content))
    #expect(replayed.model == scene.state.session.model)
  }

  @Test func theWholeBranchGoesToTheModel() throws {
    var scene = try Scene.conversation()
    let request = try #require(scene.enter("Thanks").requests.first)
    #expect(request.messages.map(\.role) == [.user, .assistant, .user, .assistant, .user])
  }

  @Test func aMessageWaitsForTheAnswerUnderWay() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("One")
    scene.stream("I am")
    #expect(scene.enter("Two").isEmpty)
    #expect(scene.state.notice != nil)
    // A third goes back into the line: nothing is lost.
    #expect(scene.enter("Three").inputs == ["Three"])
    scene.effects = []
    scene.answer(" done")
    let request = try #require(scene.effects.requests.first)
    #expect(request.messages.last?.content == "Two")
    #expect(request.messages.count == 3)
  }

  @Test func aMessageWaitsForTheModel() throws {
    var scene = try Scene()
    #expect(scene.enter("Early").isEmpty)
    scene.effects = []
    scene.load()
    #expect(scene.effects.requests.map { $0.messages.last?.content } == ["Early"])
  }

  @Test func controlCStopsAndThenOffersToQuit() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("Tell me everything")
    scene.stream("It began")
    #expect(scene.press("c", .control).interrupts == 1)
    #expect(scene.state.overlay == nil)
    scene.answer("", stop: .interrupted)
    #expect(scene.state.session.conversation[2]?.answer?.stop == .interrupted)
    scene.type("half a line")
    #expect(scene.press("c", .control).inputs == [""])
    scene.type("")
    #expect(!scene.press("c", .control).quits)
    #expect(scene.state.overlay == .confirmQuit)
    #expect(scene.press("c", .control).quits)
  }

  private struct KeyLost: Error {}

  @Test func quittingCanBeTakenBack() throws {
    var scene = try Scene()
    scene.press("c", .control)
    #expect(!scene.press(.escape).quits)
    #expect(scene.state.overlay == nil)
    // Typing on takes it back too, and the key is not lost.
    scene.press("c", .control)
    guard case .edit(.key("/", _))? = scene.press("/").terminal.first else { throw KeyLost() }
    #expect(scene.state.overlay == nil)
    #expect(scene.enter("/quit").quits)
  }

  @Test func stoppingGivesBackWhatWaits() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("One")
    scene.enter("Two")
    scene.type("Thr")
    #expect(scene.press("c", .control).inputs == ["Two\nThr"])
    scene.effects = []
    scene.answer("", stop: .interrupted)
    #expect(scene.effects.requests.isEmpty)
  }

  /// While a model loads, other things may fail: what is said then still waits for that model.
  @Test func onlyLoadingEndsLoading() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("/model gemma-3-270m")
    scene.send(.failed("there is no theme nope"))
    scene.enter("Hello")
    #expect(scene.effects.requests.isEmpty)
    scene.load(layers: 18)
    #expect(scene.effects.requests.count == 1)
  }

  @Test func aFailedAnswerIsKeptWithItsReason() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("Hi")
    scene.stream("Hel")
    scene.send(.engine(.failed(.answer(id: 2), message: "the context is full")))
    let node = try #require(scene.state.session.conversation[2])
    #expect(node.content == "Hel")
    #expect(node.answer?.failure == "the context is full")
    #expect(scene.state.answering == nil)
    #expect(scene.state.notice?.kind == .error)
    #expect(scene.state.caption(of: node).plainText.contains("the context is full"))
  }

  @Test func rerunComparesUnderTheSameChances() throws {
    var scene = try Scene.conversation()
    let first = try #require(scene.state.session.conversation.path().last)
    scene.enter("/drop attn 7")
    let request = try #require(scene.enter("/rerun").requests.first)
    #expect(request.sampling.seed == first.answer?.sampling.seed)
    #expect(request.plan.drop.attention == [7])
    #expect(request.messages.last?.content == "And red at sunset? Show me in code.")
    #expect(scene.state.comparison == Comparison(first: first.id, second: request.id, top: nil))
    scene.answer("Another one")
    // The next rerun is compared with the same first answer.
    scene.enter("/rerun")
    #expect(scene.state.comparison?.first == first.id)
    scene.answer("And another")
    #expect(scene.state.session.conversation.siblings(of: first.id).count == 3)
    #expect(scene.state.caption(of: first).plainText.hasSuffix("‹1/3›"))
  }

  @Test func rerunWhileAnsweringStopsAndStartsAgain() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("Hi")
    scene.stream("Hello")
    let effects = scene.enter("/rerun")
    #expect(effects.interrupts == 1 && effects.requests.isEmpty)
    scene.effects = []
    scene.answer("", stop: .interrupted)
    #expect(scene.effects.requests.count == 1)
    #expect(scene.state.comparison?.first == 2)
  }

  @Test func retryTakesOtherChancesAndDoesNotCompare() throws {
    var scene = try Scene.conversation()
    let first = try #require(scene.state.session.conversation.path().last)
    scene.send(.tick(5))
    let request = try #require(scene.enter("/retry").requests.first)
    #expect(request.sampling.seed != first.answer?.sampling.seed)
    #expect(scene.state.comparison == nil)
  }

  @Test func aSetSeedHoldsForEveryAnswer() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("/set seed 42")
    scene.enter("Hi")
    scene.answer("Hello")
    scene.enter("/retry")
    #expect(scene.effects.requests.map(\.sampling.seed) == [42, 42])
  }

  /// What a model's file says holds until somebody chooses, and again for the next model.
  @Test func aModelsSamplingHoldsWhereNothingIsChosen() throws {
    var scene = try Scene()
    var defaults = SamplingOptions()
    (defaults.temperature, defaults.topK) = (0.6, 20)
    scene.load(sampling: defaults)
    scene.enter("Hi")
    scene.answer("Hello")
    scene.enter("/set temperature 0.8")
    #expect(scene.state.notice?.text == "temperature is 0.8 now")
    scene.enter("/set dry_breakers a b, c")
    scene.enter("/retry")
    scene.answer("Hello")
    scene.load()
    scene.enter("/retry")
    let requests = scene.effects.requests.map(\.sampling)
    #expect(requests.map(\.temperature) == [0.6, 0.8, 0.8])
    #expect(requests.map(\.topK) == [20, 20, 40])
    #expect(requests.map(\.dryBreakers) == [defaults.dryBreakers, ["a b", " c"], ["a b", " c"]])
    scene.enter("/set")
    guard case .text(let page) = scene.state.overlay else {
      Issue.record("no page is shown")
      return
    }
    let chosen = page.lines.map(\.plainText).filter { $0.contains("chosen") }
    #expect(chosen.count == 2 && chosen[0].contains(/temperature +0\.8/) && chosen[1].contains("a b, c"))
  }

  @Test func editingMakesABranch() throws {
    var scene = try Scene.conversation()
    #expect(scene.enter("/edit").inputs == ["And red at sunset? Show me in code."])
    #expect(scene.state.focus == .input)
    let request = try #require(scene.enter("And red?").requests.first)
    #expect(request.messages.map(\.content).suffix(1) == ["And red?"])
    #expect(request.messages.count == 3)
    scene.answer("Red is long.")
    // Nothing was lost, and the old branch is a key away.
    scene.state.focus(on: .chat)
    scene.press(.up)
    scene.press(.up)
    scene.press(.left)
    #expect(scene.state.session.conversation.lastPrompt?.content == "And red at sunset? Show me in code.")
  }

  @Test func escapeLeavesEditing() throws {
    var scene = try Scene.conversation()
    scene.enter("/edit")
    #expect(scene.press(.escape).inputs == [""])
    let request = try #require(scene.enter("New").requests.first)
    #expect(request.messages.count == 5)
  }

  @Test func branchesTurnByKeyAndByNumber() throws {
    var scene = try Scene.conversation()
    let first = try #require(scene.state.session.conversation.leaf)
    scene.enter("/rerun")
    scene.answer("Second")
    let second = try #require(scene.state.session.conversation.leaf)
    scene.state.focus(on: .chat)
    #expect(scene.press(.left).journalled == [.selected(first)])
    #expect(scene.press(.left).isEmpty)
    #expect(scene.state.notice?.text == "this is the first branch")
    #expect(scene.press(.right).journalled == [.selected(second)])
    #expect(scene.enter("/branch 1").journalled == [.selected(first)])
    #expect(scene.enter("/branch 7").isEmpty)
    #expect(scene.state.notice?.text.contains("has 2") == true)
  }

  @Test func theSystemPromptHoldsFromWhereItWasSet() throws {
    var scene = try Scene()
    scene.load()
    scene.enter("/system Answer in rhymes.")
    let request = try #require(scene.enter("Hi").requests.first)
    #expect(request.messages.map(\.role) == [.system, .user])
    scene.answer("Ho")
    scene.enter("/system")
    #expect(scene.state.notice?.text == "system: Answer in rhymes.")
    scene.enter("/system none")
    let next = try #require(scene.enter("Again").requests.first)
    #expect(next.messages.map(\.role) == [.user, .assistant, .user])
    #expect(scene.enter("/system").isEmpty)
    #expect(scene.state.notice?.text.hasPrefix("there is no system prompt") == true)
  }

  /// Templates have words of their own where no system prompt is given, and some refuse the role.
  @Test func anEmptySystemPromptIsNone() throws {
    var state = AppState(
      theme: try ThemeCatalog(userFolder: nil).theme("dark"), defaults: SessionDefaults(system: ""))
    #expect(update(&state, .began(isNew: true)).journalled.isEmpty)
    #expect(state.session.conversation.messages().isEmpty)
  }

  /// One run each says nothing of who is faster; several do, where they do not overlap.
  @Test func speedsAreComparedOverSeveralRuns() throws {
    var scene = try Scene()
    scene.load()
    func summary() throws -> String {
      ComparisonFigures(try #require(ComparedAnswers(scene.state))).summary.plainText
    }
    scene.enter("Why?")
    scene.answer("Because it is so.", rate: 100)
    scene.enter("/drop attn 5")
    scene.usePlan()
    scene.enter("/rerun")
    scene.answer("Because it is so.", rate: 119)
    #expect(try summary() == "the same answer · 100 → 119 tok/s once")
    for rate in [121.0, 121, 122] {
      scene.enter("/rerun")
      scene.answer("Because it is so.", rate: rate)
    }
    #expect(try summary() == "the same answer · 100 → 121 tok/s, 1 and 4 runs")
    scene.enter("/plan reset")
    scene.usePlan()
    for rate in [101.0, 99, 118] {
      scene.enter("/rerun")
      scene.answer("Because it is so.", rate: rate)
    }
    let answers = scene.state.session.conversation.answers(to: 1).map(\.id)
    scene.state.comparison = Comparison(first: answers[0], second: answers[1])
    #expect(try summary() == "the same answer · 1.20× faster (4 runs each)")
    scene.state.comparison = Comparison(first: answers[1], second: answers[0])
    #expect(try summary() == "the same answer · 1.20× slower (4 runs each)")
    scene.enter("/rerun")
    scene.answer("Because it is so.", rate: 125)
    scene.state.comparison = Comparison(first: answers[0], second: answers[1])
    #expect(try summary() == "the same answer · speeds overlap (5 and 4 runs)")
  }

  @Test func sessionsOpenWithTheirPlan() throws {
    var session = Session()
    var plan = Plan.baseline
    plan.drop.attention = [3]
    try session.apply(.plan(plan))
    try session.apply(.message(id: 1, parent: nil, role: .user, content: "Earlier"))
    var scene = try Scene()
    scene.load()
    let effects = scene.send(.sessionOpened(session, name: "sky", isNew: false))
    #expect(effects.plansInUse == [plan])
    #expect(scene.state.chat.entries.count == 1)
    #expect(scene.state.planLabel == "custom")
  }

  @Test func newSessionsTakeTheDefaults() throws {
    var sampling = SamplingChoices()
    try sampling.set(.named("temperature"), to: "0.2")
    var state = AppState(
      theme: try ThemeCatalog(userFolder: nil).theme("dark"),
      defaults: SessionDefaults(sampling: sampling, system: "Be brief."))
    let effects = update(&state, .began(isNew: true))
    #expect(
      effects.journalled == [
        .sampling(sampling), .message(id: 1, parent: nil, role: .system, content: "Be brief."),
      ])
    #expect(update(&state, .began(isNew: false)).journalled.isEmpty)
  }
}
