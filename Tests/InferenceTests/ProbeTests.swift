import Foundation
import Inference
import Testing
import Tokenization

/// What is seen inside small models, against the reference's plain loops.
@Suite(.serialized) struct ProbeTests {
  static let tokens = {
    var random = SeededGenerator(seed: 12)
    return TinyModelTests.randomTokens(40, using: &random)
  }()

  /// A context that has read the tokens under a plan, and the reference's stream.
  private func withContext(
    _ architecture: String, _ plan: Plan = .baseline,
    _ body: (InferenceContext, ReferenceModel, ReferenceModel.Output) throws -> Void
  ) throws {
    try TinyModel.named(architecture).withFile { path in
      let reference = try ReferenceModel(path: path)
      let context = try InferenceContext(
        Model(path: path), plan: plan, threads: 2, context: 64, keepsStream: true)
      try context.read(Self.tokens)
      try body(context, reference, reference.read(Self.tokens.map(Int.init), dropping: plan.drop))
    }
  }

  private static let plans: [Plan] = {
    var dropped = Plan()
    dropped.drop.attention = [1]
    dropped.drop.mlp = [2]
    return [.baseline, dropped]
  }()

  @Test(arguments: TinyModel.architectures, plans)
  func streamSimilarity(architecture: String, plan: Plan) throws {
    try withContext(architecture, plan) { context, _, expected in
      let report = try context.report(of: .streamSimilarity)
      guard case .streamSimilarity(let similarity) = report.content else { throw Missing() }
      #expect(report.tokens.count == 40 && report.fraction == 1 && similarity.tokens == 40)
      for (i, a) in expected.stream.enumerated() {
        for (j, b) in expected.stream.enumerated() {
          let mean = a.cosines(b).reduce(0, +) / 40
          #expect(abs(Double(similarity.cosines[i][j]) - mean) < 1e-3, "\(i) × \(j)")
        }
      }
      #expect(similarity.cosines.count == expected.stream.count)
    }
  }

  @Test(arguments: TinyModel.architectures, plans)
  func lens(architecture: String, plan: Plan) throws {
    try withContext(architecture, plan) { context, reference, expected in
      let report = try context.report(of: .lens)
      guard case .lens(let lens) = report.content else { throw Missing() }
      #expect(lens.columns.count == 40 && lens.places == expected.stream.count && report.fraction == 1)
      let tokenizer = context.model.tokenizer
      for (place, stream) in expected.stream.enumerated() {
        let logProbabilities = reference.logProbabilities(stream)
        for t in 0..<40 {
          let guess = try #require(lens.columns[t]?[place])
          let likeliest = logProbabilities[t].indices.max {
            logProbabilities[t][$0] < logProbabilities[t][$1]
          }!
          #expect(abs(guess.probability - exp(logProbabilities[t][likeliest])) < 5e-3)
          // Neighbours closer than the engine is exact may change places.
          let said = logProbabilities[t].indices.filter { tokenizer.text(of: Token($0)) == guess.text }
          #expect(said.contains { logProbabilities[t][$0] > logProbabilities[t][likeliest] - 5e-3 })
        }
      }
    }
  }

  /// After the last layer the lens says what the model says, to the bit.
  @Test(arguments: TinyModel.architectures)
  func lensAtTheEnd(architecture: String) throws {
    try withContext(architecture) { context, _, _ in
      guard case .lens(let lens) = try context.report(of: .lens).content else { throw Missing() }
      var index = 0
      try context.readAll(Self.tokens) { _, logits in
        let distribution = LogDistribution(logits, kernels: context.kernels)
        let guess = lens.columns[index]?.last
        #expect(guess?.probability == exp(distribution[distribution.likeliest]))
        #expect(guess?.text == context.model.tokenizer.text(of: distribution.likeliest))
        index += 1
      }
      #expect(index == 40)
    }
  }

  /// Looking changes nothing: the next logits have the same bits.
  @Test(arguments: [Probe.streamSimilarity, .lens])
  func probingLeavesNoTrace(_ probe: Probe) throws {
    try TinyModel.gemma3().withFile { path in
      let model = try Model(path: path)
      let plain = try InferenceContext(model, threads: 2, context: 64)
      let probed = try InferenceContext(model, threads: 2, context: 64, keepsStream: true)
      try plain.read(Array(Self.tokens.prefix(20)))
      try probed.read(Array(Self.tokens.prefix(20)))
      for token in Self.tokens.dropFirst(20) {
        _ = try probed.report(of: probe)
        #expect(differences(Array(try plain.append(token)), Array(try probed.append(token))) == 0)
      }
    }
  }

  struct Missing: Error {}
}

/// What the engine thread computes while it does other things.
@Suite(.serialized) struct WatchTests {
  private static func reports(_ events: [EngineEvent]) -> [ProbeReport] {
    events.compactMap { if case .probe(let report) = $0 { report } else { nil } }
  }

  /// An answer comes out the same, and what is watched is reported while it streams and when it ends.
  @Test(arguments: [Probe.streamSimilarity, .lens])
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
    case .lens(let lens): #expect(lens.columns.count == count && lens.columns.allSatisfy { $0?.count == 6 })
    case .streamSimilarity(let similarity): #expect(similarity.tokens == count)
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
