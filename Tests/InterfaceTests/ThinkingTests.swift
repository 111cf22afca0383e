import Inference
import Sessions
import Terminal
import Testing

@testable import Interface

/// Thoughts before answers: shown while they come, folded then, and switched.
@Suite struct ThinkingTests {
  // MARK: The chat

  @Test func aThoughtIsOpenWhileItComesAndFoldsWhenTheAnswerBegins() throws {
    var scene = try Scene.thinker(width: 120)
    scene.think("Let me weigh this")
    #expect(scene.screen.contains("▾ thinking · 4 tokens · 0 s"))
    #expect(scene.screen.contains("│ Let me weigh this▌"))
    let grid = render(scene.state)
    #expect(grid.cells.contains { $0.style == scene.state.theme[.thought] })
    scene.send(.tick(scene.state.time + 3))
    #expect(scene.screen.contains("▾ thinking · 4 tokens · 3 s"))
    #expect(
      scene.screen.contains("^C stops  thinking · 4 tokens · 3 s"), "also where the line is out of sight")
    scene.stream("It is")
    #expect(scene.screen.contains("▸ thought for ") && scene.screen.contains(" · 4 tokens"))
    #expect(!scene.screen.contains("weigh") && scene.screen.contains("It is▌"))
    scene.end(tokens: 50, thought: ThoughtStatistics(tokens: 40, seconds: 4, firstContentSeconds: 4.2))
    // The speed of the answer alone is that of its 10 tokens in 2.5 s less 4 s: not known, so that of all.
    #expect(scene.screen.contains("▸ thought for 4.0 s · 40 tokens · 10.0 tok/s"))
    let node = try #require(scene.state.session.conversation[2])
    #expect(node.reasoning == "Let me weigh this" && node.content == "It is")
  }

  @Test func keysUnfoldOneAndAll() throws {
    var scene = try Scene.thinker(height: 40)
    scene.thinkAndAnswer("first thought")
    scene.enter("And now?")
    scene.thinkAndAnswer("second thought")
    #expect(!scene.screen.contains("│ first") && !scene.screen.contains("│ second"))
    scene.press(.function(3))
    #expect(scene.screen.contains("│ second thought") && !scene.screen.contains("│ first"))
    scene.state.focus(on: .chat)
    scene.press("o")
    #expect(!scene.screen.contains("│ second"))
    for _ in 0..<3 { scene.press("k") }
    scene.press("o")
    #expect(scene.screen.contains("│ first thought") && !scene.screen.contains("│ second"))
    scene.press("O")
    #expect(scene.screen.contains("│ first thought") && scene.screen.contains("│ second thought"))
    scene.press("O")
    #expect(!scene.screen.contains("│ first") && !scene.screen.contains("│ second"))
  }

  @Test func aClickOnTheLineUnfoldsAndFoldsInPlace() throws {
    var scene = try Scene.thinker()
    scene.thinkAndAnswer()
    for isUnfolded in [true, false] {
      let rows = scene.screen.split(separator: "\n", omittingEmptySubsequences: false)
      let y = try #require(rows.firstIndex { $0.contains("thought for") })
      scene.send(.input(.mouse(Mouse(.press(.left), at: Point(x: 6, y: y)))))
      scene.send(.input(.mouse(Mouse(.release, at: Point(x: 6, y: y)))))
      #expect(scene.screen.contains("│ Let me weigh this") == isUnfolded)
    }
  }

  /// Whoever has scrolled back to read a thought goes on reading it.
  @Test func aThoughtThatIsReadStaysOpen() throws {
    var scene = try Scene.thinker()
    scene.think((0..<60).map { "line\($0)\n\n" }.joined(separator: " "))
    scene.press(.pageUp)
    let before = scene.state.chat.firstVisibleRow
    scene.stream("It is so.")
    #expect(scene.state.chat.firstVisibleRow == before && scene.state.chat.isUnfolded(1) == true)
    #expect(scene.screen.contains("│ line"))
  }

  @Test func resizingKeepsThePlaceInAThought() throws {
    var scene = try Scene.thinker()
    scene.think((0..<80).map { "word\($0) and some more of it\n\n" }.joined(separator: " "))
    scene.press(.pageUp)
    scene.press(.pageUp)
    let rows = scene.state.chat.rows(from: scene.state.chat.firstVisibleRow, count: 8)
    let word = try #require(
      rows.compactMap {
        if case .thought(let row, _, _) = $0, row.plainText.contains("word") { row.plainText } else { nil }
      }
      .first)
    let name = try #require(word.split(separator: " ").first { $0.hasPrefix("word") })
    for width in [60, 100, 80] {
      scene.send(.input(.resize(Size(width: width, height: 24))))
      #expect(scene.screen.contains(name + " "), "\(name) at \(width)")
    }
  }

  @Test func aSearchFindsWhatIsFolded() throws {
    var scene = try Scene.thinker()
    scene.thinkAndAnswer("the needle is here", "Nothing to see.")
    scene.enter("/find needle")
    #expect(scene.screen.contains("│ the needle is here"))
    let style = scene.state.theme[.foundHere]
    let cells = render(scene.state).cells.filter { $0.style == style }
    #expect(cells.count == "needle".count)
  }

  @Test func copiesAreOfOnePart() throws {
    var scene = try Scene.thinker()
    scene.thinkAndAnswer()
    #expect(scene.enter("/copy").copies == ["It is fine."])
    #expect(scene.enter("/copy thought").copies == ["Let me **weigh** this"])
  }

  @Test func aStoppedThoughtSaysSo() throws {
    var scene = try Scene.thinker(width: 120)
    scene.think("Let me weigh this")
    #expect(scene.press("c", .control).interrupts == 1)
    scene.end(.interrupted, tokens: 4, thought: ThoughtStatistics(tokens: 4, seconds: 2))
    #expect(scene.screen.contains("stopped in its thought"))
    #expect(
      scene.screen.contains("▾ thought for 2.0 s · 4 tokens") && scene.screen.contains("no answer came"))
    #expect(scene.screen.contains("│ Let me weigh this"))
    // It goes on in the thought, and what was thought is no message without content.
    let request = try #require(scene.enter("/continue").requests.first)
    #expect(request.messages.map(\.role) == [.user] && request.beginning?.tokenIDs.count == 4)
    scene.think(" and that")
    #expect(scene.screen.contains("│ Let me weigh this and that▌"))
    #expect(scene.screen.contains("thinking · 7 tokens"))
    scene.stream("Fine.")
    scene.end(tokens: 4, thought: ThoughtStatistics(tokens: 3, seconds: 1, firstContentSeconds: 1.2))
    #expect(scene.screen.contains("▸ thought for 3.0 s · 7 tokens"))
  }

  @Test func aPlanThatChangesInAThoughtIsMarkedThere() throws {
    var scene = try Scene.thinker()
    scene.think("Let me")
    scene.enter("/drop attn 5")
    scene.usePlan()
    scene.think(" weigh")
    #expect(scene.screen.contains("│ Let me⟦attn −1⟧ weigh"))
    scene.stream("Fine.")
    scene.end(tokens: 4, thought: ThoughtStatistics(tokens: 3, seconds: 1))
    scene.press(.function(3))
    scene.send(.input(.resize(Size(width: 70, height: 24))))
    #expect(scene.screen.contains("│ Let me⟦attn −1⟧ weigh"))
  }

  /// A token costs the same in a long thought, and a long thought that is folded costs nothing.
  @Test func longThoughtsStreamAsFastAsShortOnes() throws {
    func cost(lines: Int, _ part: AnswerPart) throws -> Duration {
      var scene = try Scene.thinker()
      let id = try #require(scene.state.answering)
      let line = "Another line of a thought that is long enough to be wrapped at the width of the pane.\n"
      let text = String(repeating: line, count: lines)
      scene.send(
        .engine(
          .answerText(id: id, tokens: [AnswerToken(id: 1, text: text, logProbability: 0, part: .reasoning)])))
      return (0..<5).map { _ in
        ContinuousClock().measure {
          for _ in 0..<40 {
            let token = AnswerToken(id: 1, text: " word", logProbability: 0, part: part)
            scene.send(.engine(.answerText(id: id, tokens: [token])))
          }
          _ = render(scene.state)
        }
      }.min() ?? .zero
    }
    for part in AnswerPart.allCases {
      let short = try cost(lines: 10, part), long = try cost(lines: 10_000, part)
      #expect(long < short * 8, "\(part): \(long) against \(short)")
    }
  }

  @Test(arguments: [(120, 40), (80, 24), (60, 20), (40, 10)])
  func screens(_ size: (Int, Int)) throws {
    var scene = try Scene.thinker(width: size.0, height: size.1)
    scene.thinkAndAnswer()
    scene.enter("And the other side?")
    scene.think("The other side, then. It has *two* parts:\n\n- one that holds\n- one that does not")
    scene.state.notice = nil
    try expectSnapshot(render(scene.state).framedText, "thinking-\(size.0)x\(size.1)")
  }

  // MARK: Switching

  @Test func thinkingIsSwitched() throws {
    var scene = try Scene.thinker(width: 120, asks: nil)
    #expect(scene.screen.contains("avx2 · thinks"))
    scene.enter("/think")
    #expect(scene.state.notice?.text.contains("on, off") == true)
    scene.enter("/think off")
    #expect(scene.state.sampling.think == .off && scene.screen.contains("think off"))
    scene.enter("/think budget 512")
    #expect(scene.state.sampling.thinkBudget == 512)
    scene.enter("/think on")
    #expect(scene.screen.contains("think on ≤512"))
    let request = try #require(scene.enter("Well?").requests.first)
    #expect(request.sampling.think == .on && request.sampling.thinkBudget == 512)
    scene.think("so")
    #expect(scene.screen.contains("thinking · 1 of 512 tokens"))
    scene.enter("/think default")
    scene.enter("/think budget off")
    #expect(scene.state.sampling.think == nil && scene.state.sampling.thinkBudget == nil)
    scene.enter("/think perhaps")
    #expect(scene.state.notice?.text.contains("write /think on") == true)
    scene.enter("/set think off")
    #expect(scene.state.sampling.think == .off)
    scene.enter("/set template.mood calm")
    #expect(scene.state.sampling.templateVariables == ["mood": "calm"])
    scene.enter("/set")
    #expect(scene.screen.contains("template.mood") && scene.screen.contains("calm"))
  }

  @Test func whatCannotBeSwitchedSaysSo() throws {
    var scene = try Scene(width: 120)
    scene.load(thinking: try Scene.thinking { $0.hasSwitch = false })
    for line in ["/think off", "/set think off"] {
      scene.enter(line)
      #expect(
        scene.state.notice?.kind == .error && scene.state.notice?.text.contains("/think budget 0") == true)
      #expect(scene.state.sampling.think == nil)
    }
    scene.enter("/think budget 0")
    #expect(scene.state.sampling.thinkBudget == 0)
    scene.load()
    scene.enter("/think off")
    #expect(scene.state.notice?.text.contains("does not think") == true)
  }

  /// The next session with a model begins with the last choice; one of another model does not reach it.
  @Test func theChoiceIsRememberedForTheModel() throws {
    var scene = try Scene.thinker(asks: nil)
    let effects = scene.enter("/think off")
    guard case .rememberThinking(model: "SmolLM2-135M-Instruct", let choice)? = effects.last else {
      Issue.record("\(effects)")
      return
    }
    #expect(choice == RememberedState.Thinking(think: .off))
    var next = try Scene()
    next.state.rememberedThinking = scene.state.rememberedThinking
    next.load(thinking: try Scene.thinking())
    #expect(next.state.sampling.think == .off && next.state.session.sampling == SamplingChoices())
    next.enter("/set")
    #expect(next.screen.contains("remembered for this model"))
    next.enter("/think on")
    #expect(next.state.sampling.think == .on && next.state.rememberedThinking.values.map(\.think) == [.on])
    // Another model in the same session.
    next.state.rememberedThinking["Other"] = RememberedState.Thinking(think: .low, budget: 100)
    var other = try #require(next.state.model)
    other.name = "Other"
    next.send(.engine(.loaded(other)))
    #expect(next.state.sampling.think == .low && next.state.sampling.thinkBudget == 100)
  }

  @Test func choicesAreCompleted() throws {
    var scene = try Scene.thinker(asks: nil)
    scene.type("/think ")
    #expect(scene.state.completion?.candidates.map(\.text) == ["on", "off", "default", "budget"])
    scene.type("/think budget ")
    #expect(scene.state.completion?.candidates.map(\.text).contains("off") == true)
  }

  // MARK: Figures

  @Test func speedAndComparisonTellThoughtsApart() throws {
    var scene = try Scene.thinker(width: 120, height: 40)
    scene.thinkAndAnswer(figures: ThoughtStatistics(tokens: 4, seconds: 0.5, firstContentSeconds: 4.2))
    #expect(scene.screen.contains("answer after 4.2 s · thought 4 at 8.00 tok/s"))
    // 14 tokens at 20 tok/s are 0.7 s, and the 10 of the answer took 0.2 s of them.
    #expect(scene.screen.contains("· 50.0 tok/s ·"))
    scene.enter("/rerun")
    scene.thinkAndAnswer(
      "Another thought", "It is well.",
      figures: ThoughtStatistics(tokens: 2, seconds: 0.1, firstContentSeconds: 2))
    let figures = try #require(ComparedAnswers(scene.state).map(ComparisonFigures.init))
    // Tokens of the answers are counted without the thoughts.
    #expect(
      figures.summary.plainText.hasPrefix(
        "splits at token 2 · 1 of 3 words differ · thoughts 4 tokens → 2 tokens · answers after 4.2 s → 2.0 s"
      ))
    #expect(figures.changed == [false, false, true])
    scene.state.notice = nil
    // One in the chat, and one in each column.
    #expect(scene.screen.matches(of: /▸ thought for/).count == 3, "\(scene.screen)")
  }

  /// A summary of turns that are left out is not thought about.
  @Test func summariesAreNotThoughtAbout() throws {
    var scene = try Scene.thinker()
    scene.thinkAndAnswer()
    scene.enter("/context summarise")
    scene.enter("And?")
    let id = try #require(scene.state.answering)
    let fit = PromptFit(tokens: 9000, capacity: 8192, dropped: 1, rest: 100)
    let effects = scene.send(.engine(.promptTooLong(id: id, fit)))
    let request = try #require(effects.requests.first)
    #expect(request.sampling.think == .off && request.sampling.thinkBudget == 0)
  }
}
