import Analysis
import Engine
import Inference
import Sessions
import Terminal
import Testing

@testable import Interface

/// Thousands of random events: nothing may crash, and what must always hold does.
@Suite struct FuzzTests {
  @Test(arguments: 1...6)
  func randomEventsKeepTheInvariants(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var scene = try Scene()
    scene.load()
    var journal = Session()
    func send(_ event: AppEvent) throws {
      let effects = scene.send(event)
      for event in effects.journalled { try journal.apply(event, at: scene.state.date) }
      // An engine does as it is told.
      for request in effects.requests {
        #expect(scene.state.answering == request.id || scene.state.summarising != nil && request.id == 0)
        // Templates want it so: user and assistant take turns, and the last word is the user's.
        let roles = request.messages.map(\.role).drop { $0 == .system }
        #expect(zip(roles, roles.dropFirst()).allSatisfy { $0 != $1 } && roles.last == .user)
      }
      check(scene.state, journal)
    }
    for step in 0..<1500 {
      try send(event(&random, scene.state))
      if step % 7 == 0 {
        let grid = render(scene.state)
        #expect(grid.size == scene.state.size)
        #expect(
          grid.cells.allSatisfy { $0.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } }
        )
        // What a frame keeps of the last is what a fresh one has, whatever happens in between.
        let frame = Frame(scene.state)
        for _ in 0..<random.below(4) {
          let isFrequent = random.below(3) > 0
          try send(isFrequent ? frequentEvent(&random, scene.state) : event(&random, scene.state))
        }
        let isSame = Frame(scene.state, after: frame).grid == render(scene.state)
        #expect(isSame)
      }
    }
  }

  private func frequentEvent(_ random: inout SplitMix, _ state: AppState) -> AppEvent {
    switch random.below(4) {
    case 0: .tick(state.time + Double(random.below(20)) / 10)
    case 1: .inputChanged(InputMirror(text: random.pick(Self.lines), cursor: 0))
    default: .engine(engineEvent(&random, state))
    }
  }

  private func check(_ state: AppState, _ journal: Session) {
    // The journal holds all there is. (Figures that are not numbers are not equal to themselves.)
    let (written, shown) = (journal.conversation, state.session.conversation)
    let isWritten = written.leaf == shown.leaf && written.nodes.map(\.content) == shown.nodes.map(\.content)
    #expect(isWritten)
    #expect(journal.plan == state.session.plan)
    #expect(state.layer >= 0 && state.layer < max(1, state.layerCount))
    if let model = state.model { #expect((try? state.plan.validate(layers: model.layers, model: "")) != nil) }
    #expect(state.chat.entries.map(\.node) == state.session.conversation.path().map(\.id))
    if let answering = state.answering {
      #expect(state.session.conversation[answering]?.answer?.isOpen == true)
    }
    #expect(state.chat.firstVisibleRow >= 0)
    #expect(state.inputRows == state.input.rows(width: state.size.width))
  }

  private func event(_ random: inout SplitMix, _ state: AppState) -> AppEvent {
    switch random.below(100) {
    case 0..<45: return .input(.key(key(&random), random.below(8) == 0 ? .control : []))
    case 45..<57: return .submitted(random.pick(Self.lines))
    case 57..<62:
      let text = random.pick(Self.lines)
      return .inputChanged(
        InputMirror(
          text: text, cursor: random.below(text.utf8.count + 1),
          prompt: random.below(9) == 0 ? "(search)" : nil))
    case 62..<80: return .engine(engineEvent(&random, state))
    case 80..<85:
      let sizes = [
        (120, 40), (80, 24), (40, 10), (20, 5), (1, 1), (0, 0), (300, 90), (59, 30), (100, 28), (21, 6),
      ]
      let size = random.pick(sizes)
      return .input(.resize(Size(width: size.0, height: size.1)))
    case 85..<92: return .tick(state.time + Double(random.below(20)) / 10)
    case 92..<96:
      let place = Point(x: random.below(130) - 5, y: random.below(50) - 5)
      return .input(.mouse(Mouse(random.pick([.press(.left), .scrollUp, .scrollDown, .release]), at: place)))
    case 96: return .edited(random.pick(Self.pieces), .node(random.below(40)))
    case 97: return .planSaved(name: "p")
    case 98: return .failed("something\nwent wrong \u{1B}[2J")
    default: return .input(.paste("pasted\u{202E}\ntext"))
    }
  }

  private func key(_ random: inout SplitMix) -> Key {
    let keys: [Key] = [
      .tab, .tab, .escape, .enter, .up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .function(1),
      " ", "m", "]",
      "b", "[", "]", "a", "u", "U", "r", "l", "h", "v", "+", "-", "f", "s", "z", "j", "k", "g", "G", "0", "$",
      "e", "t", "y", "x",
      "q",
      "/", "?", "c", "d", "n", "Y", .backspace, .delete,
    ]
    return random.pick(keys)
  }

  private func engineEvent(_ random: inout SplitMix, _ state: AppState) -> EngineEvent {
    let own = state.summarising == nil ? state.answering ?? 3 : Summarising.id
    let id = random.below(4) == 0 ? random.below(50) : own
    let layers = state.layerCount
    switch random.below(14) {
    case 13:
      let count = { (random: inout SplitMix) in random.below(3) == 0 ? nil : random.below(9000) }
      return .promptTooLong(
        id: id,
        PromptFit(
          tokens: count(&random), capacity: 8192, dropped: random.below(4) == 0 ? nil : random.below(6),
          rest: count(&random)))
    case 0..<5:
      return .answerText(
        id: id,
        tokens: [AnswerToken(id: random.below(9) - 1, text: random.pick(Self.pieces), logProbability: -1)])
    case 5..<7:
      return .answerFinished(
        id: id,
        AnswerStatistics(
          promptTokens: 1, reusedTokens: 0, answerTokens: 1,
          prefillTokensPerSecond: random.pick(Self.numbers),
          decodeTokensPerSecond: random.pick(Self.numbers), firstTokenSeconds: random.pick(Self.numbers),
          stop: random.pick([.endOfTurn, .length, .contextFull, .interrupted, .loop])))
    case 7:
      let task: EngineTask = [.answer(id: id), .load, .plan(.baseline)][random.below(3)]
      return .failed(task, message: "no\u{7} luck")
    case 8: return .progress(WorkProgress(what: "reading prompt", fraction: random.pick(Self.numbers)))
    case 9:
      return .rates(
        Rates(
          decodeTokensPerSecond: random.pick(Self.numbers), prefillTokensPerSecond: random.pick(Self.numbers),
          firstTokenSeconds: random.pick(Self.numbers), contextUsed: random.below(9000),
          kvBytes: random.below(1 << 40)))
    case 10:
      // Reports of another shape than the model, ragged, empty, not finite.
      let rows = random.pick([0, 1, layers, layers + 3])
      func values() -> [[Float]] {
        (0..<rows).map { _ in (0..<random.below(200)).map { _ in Float(random.pick(Self.numbers)) } }
      }
      let tokens = (0..<random.below(200)).map { _ in random.pick(Self.pieces) }
      return .similarity(
        SimilarityReport(tokens: tokens, attention: values(), mlp: values(), block: values()))
    case 11: return .probe(probeReport(&random, layers))
    default:
      return .planInUse(
        PlanFigures(
          plan: state.plan, bitsPerWeight: random.pick(Self.numbers),
          layerBitsPerWeight: (0..<random.below(40)).map { _ in
            random.below(3) == 0 ? nil : random.pick(Self.numbers)
          },
          weightBytesPerToken: random.below(1 << 50), kvBytesPerPosition: 0,
          baselineWeightBytesPerToken: random.below(3), seconds: 0))
    }
  }

  /// Of another model, partly computed, empty, not finite.
  private func probeReport(_ random: inout SplitMix, _ layers: Int) -> ProbeReport {
    let count = random.below(60), places = random.pick([0, 1, layers + 1, layers + 4])
    func number() -> Float { Float(random.pick(Self.numbers)) }
    let content: ProbeReport.Content
    switch random.below(6) {
    case 2:
      let rows = (0..<count).map { _ in
        random.below(3) == 0
          ? nil
          : AttentionPattern.Row(
            first: random.below(9), weights: (0..<random.below(70)).map { _ in number() })
      }
      content = .attention(
        AttentionPattern(layer: random.below(40), head: random.below(20), heads: random.below(9), rows: rows))
    case 3:
      content = .heads(
        HeadSummary(
          layers: (0..<places).map { _ in
            (0..<random.below(9)).map { _ in
              HeadSummary.Figures(entropy: number(), distance: number(), first: number(), output: number())
            }
          }, tokens: count))
    case 4:
      func rows(_ count: Int) -> [[Float]] {
        (0..<count).map { _ in (0..<random.below(60)).map { _ in number() } }
      }
      content = .norms(
        StreamNorms(stream: rows(places), attention: rows(layers), mlp: rows(random.below(4))))
    case 5:
      func matrix() -> WeightSummary.Matrix? {
        random.below(3) == 0
          ? nil
          : WeightSummary.Matrix(
            bits: number(), error: random.below(2) == 0 ? nil : number(),
            zeros: random.below(2) == 0 ? nil : number(), rows: random.below(999), columns: 7)
      }
      content = .weights(
        WeightSummary(layers: (0..<places).map { _ in (0..<7).map { _ in matrix() } }, head: matrix()))
    case 0:
      let cosines = (0..<places).map { _ in (0..<places).map { _ in number() } }
      content = .streamSimilarity(StreamSimilarity(cosines: cosines, tokens: count))
    default:
      let columns = (0..<count).map { _ in
        random.below(3) == 0
          ? nil
          : (0..<places).map { _ in Lens.Guess(text: random.pick(Self.pieces), probability: number()) }
      }
      var lens = Lens(places: places, columns: columns)
      lens.isBySublayer = places % 2 == 1 && random.below(2) == 0
      if count > 0 {
        let candidate = Lens.Candidate(id: 1, text: random.pick(Self.pieces), probability: number())
        lens.likeliest = [random.below(count): Array(repeating: [candidate], count: places)]
      }
      content = .lens(lens)
    }
    return ProbeReport(
      tokens: (0..<count).map { _ in random.pick(Self.pieces) }, content: content, fraction: 0.5)
  }

  private static let numbers: [Double] = [
    0, 0.5, 1, 0.99, -3, 1e300, .nan, .infinity, -.infinity, 212.4, 1840,
  ]
  private static let pieces = [
    " the", "\n", "```", "**", "天地", "👩‍👩‍👧", "\u{1B}[31m", "\u{202E}", "שלום", "`", "- ", "",
    String(repeating: "x", count: 300),
  ]
  private static let lines =
    Command.all.map { "/" + $0.name } + [
      "Hello", "/drop attn 5", "/drop block 0-29", "/restore all", "/bits 4", "/bits attn 2", "/plan reset",
      "/live on",
      "/live off", "/heat block", "/heat scale", "/heat lens", "/heat stream", "/heat head", "/heat head 3 1",
      "/heat heads", "/heat heads-output", "/heat norm", "/heat error",
      "/heat save a.csv", "/heat save a.svg 1-4", "/heat only 3 5-9",
      "/heat only all", "/set temperature 0.1", "/system Be kind.", "/system none",
      "/branch 1",
      "/branch 2", "/compare off", "/drop next", "  ", "", "multi\nline\nmessage", "天地玄黃", "/\u{1B}",
      "/drop attn 4-400", "/context summarise", "/context stop", "/context drop", "/forget 2", "/forget all",
      "/forget none", "/edit answer", "see @a.txt",
    ]
}

/// A small generator of random numbers that gives the same on every machine.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
