import Foundation
import Inference
import TestModels
import Testing
import Tokenization

/// Plans tried on a text, against contexts that read it under each from the beginning.
@Suite(.serialized) struct TrialsTests {
  static func passages(_ lengths: [Int]) -> [[Token]] {
    var random = SeededGenerator(seed: 5)
    return lengths.map { TinyModelTests.randomTokens($0, using: &random) }
  }

  /// KL, perplexity and equal top tokens in double precision, from whole logits.
  static func damage(of plan: Plan, _ model: Model, _ passages: [[Token]]) throws -> Damage {
    let baseline = try InferenceContext(model, threads: 1, context: 512)
    let context = try InferenceContext(model, plan: plan, threads: 1, context: 512)
    var kl = 0.0, log = 0.0, same = 0, count = 0, scored = 0
    for passage in passages {
      for (t, (a, b)) in zip(try baseline.allLogits(passage), try context.allLogits(passage)).enumerated() {
        let p = logSoftmax(a), q = logSoftmax(b)
        kl += zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
        same += a.firstIndex(of: a.max()!) == b.firstIndex(of: b.max()!) ? 1 : 0
        count += 1
        guard t + 1 < passage.count else { continue }
        log += q[Int(passage[t + 1])]
        scored += 1
      }
    }
    return Damage(
      kl: kl / Double(count), perplexity: exp(-log / Double(scored)), sameTop: Double(same) / Double(count))
  }

  static func plans(_ layers: Int) -> [Plan] {
    var plans = (0..<layers).map { Droppable(.attention, $0).dropped(from: .baseline) }
    plans.append(Droppable(.block, layers - 1).dropped(from: plans[0]))
    plans.append(Droppable(.mlp, 1).dropped(from: .baseline))
    plans.append(.with { $0.drop[heads: 1] = [0, 2] })
    plans.append(Droppable(.mlp, 0).dropped(from: plans.last!))
    plans[1].bits.layers[2] = .four
    plans[2].bits.head = .eight
    return plans
  }

  static func expect(_ actual: Damage, _ expected: Damage, sourceLocation: SourceLocation = #_sourceLocation)
  {
    #expect(abs(actual.kl - expected.kl) < 1e-5 * max(1, expected.kl), sourceLocation: sourceLocation)
    #expect(
      abs(actual.perplexity / expected.perplexity - 1) < 1e-4, "\(actual) \(expected)",
      sourceLocation: sourceLocation)
    #expect(actual.sameTop == expected.sameTop, sourceLocation: sourceLocation)
  }

  @Test(arguments: ["llama", "qwen2", "gemma3"])
  func damageIsWhatAFreshContextShows(architecture: String) throws {
    try TinyModel.named(architecture).withFile { path in
      let model = try Model(path: path), passages = Self.passages([150, 2, 40])
      let plans = Self.plans(model.shape.layers)
      let trials = try Trials(passages, in: InferenceContext(model, threads: 2, context: 64))
      #expect(trials.tokenCount == 192 && trials.baseline.kl == 0 && trials.baseline.sameTop == 1)
      let expected = try plans.map { try Self.damage(of: $0, model, passages) }
      Self.expect(trials.baseline, try Self.damage(of: .baseline, model, passages))
      // From whatever plan is kept, in whatever order, the same.
      for center in [Plan.baseline, plans[2], plans[0], plans.last!, plans[plans.count - 2], .baseline] {
        try trials.move(to: center)
        for (plan, expected) in zip(plans, expected).reversed() {
          Self.expect(try trials.damage(of: plan), expected)
        }
      }
    }
  }

  /// Nothing of a stopped trial or move is left behind.
  @Test func stopsInTheMiddle() throws {
    try TinyModel.llama().withFile { path in
      let model = try Model(path: path), passages = Self.passages([200, 100])
      let trials = try Trials(passages, in: InferenceContext(model, threads: 1, context: 64))
      let plans = Self.plans(model.shape.layers)
      let expected = try plans.map { try trials.damage(of: $0) }
      for limit in 0..<3 {
        let count = Counter()
        #expect(throws: CancellationError.self) {
          try trials.damage(of: plans[0]) { count.next() >= limit }
        }
        let moves = Counter()
        #expect(throws: CancellationError.self) {
          try trials.move(to: plans[limit]) { moves.next() >= limit }
        }
        for (plan, expected) in zip(plans, expected) { #expect(try trials.damage(of: plan) == expected) }
      }
      #expect(throws: CancellationError.self) {
        _ = try Trials(passages, in: InferenceContext(model, threads: 1, context: 64)) { true }
      }
    }
  }

  private final class Counter: @unchecked Sendable {  // used by one thread
    private var value = 0
    func next() -> Int {
      defer { value += 1 }
      return value
    }
  }

  @Test func theContextGoesOnUndisturbed() throws {
    try TinyModel.llama().withFile { path in
      let model = try Model(path: path), tokens = Self.passages([30])[0]
      let plan = Droppable(.attention, 1).dropped(from: .baseline)
      let context = try InferenceContext(model, plan: plan, threads: 1, context: 64, keepsStream: true)
      let expected = try context.allLogits(tokens)
      let trials = try Trials(Self.passages([20]), in: context)
      _ = try trials.damage(of: Droppable(.mlp, 2).dropped(from: plan))
      #expect(context.plan == plan && context.tokens == tokens)
      #expect(try context.allLogits(tokens + [1]).dropLast() == expected[...])
    }
  }

  @Test func similarityIsThatOfTheCenter() throws {
    try TinyModel.llama().withFile { path in
      let model = try Model(path: path), tokens = Self.passages([60])[0]
      let context = try InferenceContext(model, threads: 1, context: 64, recordsSimilarity: true)
      let trials = try Trials([tokens], in: context)
      let plan = Droppable(.attention, 2).dropped(from: .baseline)
      for plan in [Plan.baseline, plan, .baseline] {
        try trials.move(to: plan)
        try context.use(plan)
        try context.read(tokens)
        let report = try #require(context.similarity())
        for layer in 0..<model.shape.layers {
          let mean = report.mlp[layer].reduce(0, +) / 60
          #expect(abs(try #require(trials.similarity(of: Droppable(.mlp, layer))) - mean) < 1e-6)
          let isDropped = plan.drop.attention.contains(layer)
          #expect((trials.similarity(of: Droppable(.attention, layer)) == nil) == isDropped)
        }
      }
    }
  }

  @Test(arguments: ["llama", "qwen2", "gemma3"])
  func sizesAreThoseOfPackedWeights(architecture: String) throws {
    try TinyModel.named(architecture).withFile { path in
      let model = try Model(path: path)
      var narrow = Plan.baseline
      narrow.bits.default = .four
      narrow.bits.layers[1] = .three
      var rotated = narrow
      rotated.rotate = model.architecture.name != "gemma3"
      for plan in Self.plans(model.shape.layers) + [.baseline, narrow, rotated] {
        let figures = try InferenceContext(model, plan: plan, threads: 1, context: 16).figures()
        let size = model.size(of: plan)
        #expect(size.weightBytes == figures.weightBytesPerToken, "\(plan)")
        #expect(size.kvBytesPerPosition == figures.kvBytesPerPosition, "\(plan)")
        #expect(abs(size.bitsPerWeight - figures.bitsPerWeight) < 1e-9, "\(plan)")
      }
    }
  }

  @Test func textsThatAreTooShortOrTooLong() throws {
    try TinyModel.llama().withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 1, context: 64)
      #expect(throws: TrialError.tooShort) { _ = try Trials([[1]], in: context) }
      #expect(throws: TrialError.tooShort) { _ = try Trials([], in: context) }
      #expect("\(TrialError.memory(tokens: 9, bytes: 5 << 20))".contains("9 tokens takes 5 MiB"))
    }
  }
}
