import Engine
import Inference
import TestModels
import Testing
import Tokenization

/// Probes that the engine thread computes beside its other work.
@Suite(.serialized) struct WatchTests {
  private static func reports(_ events: [EngineEvent]) -> [ProbeReport] {
    events.compactMap { if case .probe(let report) = $0 { report } else { nil } }
  }

  /// An answer comes out the same, and what is watched is reported while it streams and when it ends.
  @Test(arguments: [
    Probe.streamSimilarity, .lens, .sublayerLens, .attention(layer: 2, head: 1), .heads, .norms, .weights,
  ])
  func answersWhileWatched(_ probe: Probe) throws {
    let plain = try EngineTests.probe().answer(.greedy(1, "a long story", maximumTokens: 600))
    let engine = try EngineTests.probe()
    engine.engine.watch(Watch(probe))
    let watched = try engine.answer(.greedy(1, "a long story", maximumTokens: 600))
    #expect(watched.tokens == plain.tokens)
    // The last report may have come with the answer's end.
    engine.engine.watch(Watch(probe))
    let count = watched.started!.promptTokens + 600
    let events = try engine.wait {
      Self.reports($0).contains { $0.tokens.count == count && $0.fraction == 1 }
    }
    let last = Self.reports(events).last
    switch last?.content {
    case .lens(let lens):
      #expect(lens.places == (lens.isBySublayer ? 11 : 6) && lens.columns.count == count)
      #expect(lens.columns.allSatisfy { $0?.count == lens.places })
    case .streamSimilarity(let similarity): #expect(similarity.tokens == count)
    case .attention(let pattern): #expect(pattern.rows.allSatisfy { $0 != nil })
    case .heads(let summary): #expect(summary.tokens == count / 16)
    case .norms(let norms): #expect(norms.stream.allSatisfy { $0.count == count })
    case .weights(let weights): #expect(weights.layers.count == 5)
    default: Issue.record("no report")
    }
  }

  /// A change of plan is seen at once, on the same tokens, and as a fresh run would have it.
  @Test func plansAreSeenWithoutAnAnswer() throws {
    let engine = try EngineTests.probe()
    _ = try engine.answer(.greedy(1, "compare", maximumTokens: 50))
    engine.engine.watch(Watch(.streamSimilarity))
    let before = try Self.last(engine)
    var plan = Plan()
    plan.drop.mlp = [1]
    engine.engine.send(.use(plan))
    let planned = try Self.last(engine)
    engine.engine.send(.use(.baseline))
    #expect(try Self.last(engine) == before)
    #expect(planned != before && planned.tokens == before.tokens)
    try TinyModel.llama().endless.withFile { path in
      let context = try InferenceContext(
        Model(path: path), plan: plan, threads: 1, context: 2048, keepsStream: true)
      let prompt = try context.model.chatFormat.tokens([ChatMessage(role: .user, content: "compare")])
      let fresh = try EngineTests.probe().answer(.greedy(1, "compare", maximumTokens: 50))
      try context.read(prompt + fresh.ids.map { Token($0) })
      #expect(try context.report(of: .streamSimilarity) == planned)
    }
  }

  /// A conversation is seen before anything is answered, and the answer is the same as without.
  @Test func conversationsAreRecalled() throws {
    let messages = [
      ChatMessage(role: .user, content: "compare"), ChatMessage(role: .assistant, content: "these and those"),
    ]
    let engine = try EngineTests.probe()
    engine.engine.watch(Watch(.streamSimilarity))
    engine.engine.send(.recall(messages))
    let recalled = try Self.last(engine)
    try TinyModel.llama().endless.withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 1, context: 2048, keepsStream: true)
      try context.read(context.model.chatFormat.tokens(messages, isAnswered: true))
      #expect(try context.report(of: .streamSimilarity) == recalled)
    }
    let plain = try EngineTests.probe().answer(.greedy(1, "compare", maximumTokens: 20))
    #expect(try engine.answer(.greedy(1, "compare", maximumTokens: 20)).tokens == plain.tokens)
    // Without a probe, similarity alone; of an empty conversation there is none.
    engine.engine.watch(Watch(nil))
    engine.events = []
    engine.engine.send(.recall(messages))
    let events = try engine.wait { Self.similarities($0).last?.tokens == recalled.tokens }
    #expect(Self.similarities(events).last?.attention.joined().allSatisfy(\.isFinite) == true)
    #expect(Self.contextUsed(events) == recalled.tokens.count)
    engine.engine.send(.recall([]))
    _ = try engine.wait { Self.similarities($0).last?.tokens.isEmpty == true }
  }

  private static func contextUsed(_ events: [EngineEvent]) -> Int? {
    events.compactMap { if case .rates(let rates) = $0 { rates.contextUsed } else { nil } }.last
  }

  private static func similarities(_ events: [EngineEvent]) -> [SimilarityReport] {
    events.compactMap { if case .similarity(let report) = $0 { report } else { nil } }
  }

  /// The focus is computed first, and watching nothing is silent.
  @Test func focusComesFirst() throws {
    let engine = try EngineTests.probe()
    _ = try engine.answer(.greedy(1, "words", maximumTokens: 1500))
    engine.engine.watch(Watch(.lens, focus: 7))
    let events = try engine.wait { !Self.reports($0).isEmpty }
    guard case .lens(let lens)? = Self.reports(events).first?.content else {
      Issue.record("no lens")
      return
    }
    #expect(lens.columns[7] != nil || lens.columns.allSatisfy { $0 == nil })
    engine.engine.watch(nil)
    let quiet = try engine.answer(.greedy(2, "more", maximumTokens: 20))
    _ = engine.engine.drain()
    engine.events = []
    _ = try engine.answer(.greedy(3, "and more", maximumTokens: 20))
    #expect(quiet.statistics != nil && Self.reports(engine.events).isEmpty)
  }

  private static func last(_ engine: EngineProbe) throws -> ProbeReport {
    engine.events = []
    let events = try engine.wait { reports($0).contains { $0.fraction == 1 } }
    return reports(events).last!
  }
}

@Suite struct PromptTests {
  /// The tokens that an answer would read, control tokens told apart.
  @Test func theEngineTellsWhatAModelReads() throws {
    let model = TinyModel.llama()
    let engine = try EngineTests.probe(model)
    let messages = [ChatMessage(role: .user, content: "a b")]
    engine.engine.send(.tokenize(messages))
    let events = try engine.wait { events in events.contains { if case .prompt = $0 { true } else { false } }
    }
    let tokens = events.compactMap { if case .prompt(let tokens) = $0 { tokens } else { nil } }.last
    let expected = try model.withFile { try Model(path: $0).chatFormat.tokens(messages) }
    #expect(tokens?.map(\.id) == expected.map { Int($0) })
  }
}
