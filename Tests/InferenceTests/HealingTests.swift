import Foundation
import GGUF
import TestModels
import Testing
import Tokenization

@testable import Inference

/// The replacements of dropped sublayers: their fit, and their effect on the model.
@Suite struct HealingTests {
  /// A linear map that is there is found, in spite of noise and far-off means, on any number of workers.
  @Test(arguments: [5, 16, 37])
  func regressionFindsTheMap(width: Int) {
    var random = SeededGenerator(seed: UInt64(width))
    let count = 40 * width
    let rows = random.gaussians(width * width, scale: 0.3), bias = random.gaussians(width, scale: 3)
    let inputs = (0..<count * width).map { 2 + Float($0 % width) / 10 + random.gaussians(1)[0] }
    var outputs: [Float] = []
    for t in 0..<count {
      let noise = random.gaussians(width, scale: 0.01)
      for i in 0..<width {
        outputs.append(
          (0..<width).reduce(bias[i] + noise[i]) { $0 + rows[i * width + $1] * inputs[t * width + $1] })
      }
    }
    var first: [Float]?
    for threads in 1...3 {
      let pool = ComputePool(threads: threads)
      defer { pool.stop() }
      inputs.withUnsafeBufferPointer { inputs in
        outputs.withUnsafeBufferPointer { outputs in
          let samples = Samples(
            inputs: inputs.baseAddress!, outputs: outputs.baseAddress!, count: count, width: width)
          let fitted = RidgeRegression(penalty: 1e-7, pool: pool).fit(samples)
          #expect(zip(fitted.rows, rows).allSatisfy { abs($0 - $1) < 0.005 })
          #expect(zip(fitted.bias, bias).allSatisfy { abs($0 - $1) < 0.02 })
          #expect(samples.bestShare(rows: fitted.rows, bias: fitted.bias, pool) > 0.9999)
          #expect(fitted.rows == first ?? fitted.rows)
          first = fitted.rows
          // A penalty beyond measure leaves the mean.
          let flat = RidgeRegression(penalty: 1e9, pool: pool).fit(samples)
          let mean = samples.mean(samples.outputs)
          #expect(flat.rows.allSatisfy { abs($0) < 1e-5 })
          #expect(zip(flat.bias, mean).allSatisfy { abs(Double($0) - $1) < 1e-3 * (1 + abs($1)) })
        }
      }
    }
  }

  /// A map that is wrong is applied not at all, one that is too large in part.
  @Test func shareOfTheMap() {
    let pool = ComputePool(threads: 1)
    defer { pool.stop() }
    let inputs: [Float] = [1, 2, 3, 4], outputs: [Float] = [2, 1, 2, 1]
    inputs.withUnsafeBufferPointer { inputs in
      outputs.withUnsafeBufferPointer { outputs in
        let samples = Samples(inputs: inputs.baseAddress!, outputs: outputs.baseAddress!, count: 2, width: 2)
        #expect(samples.bestShare(rows: [], bias: [-2, -1], pool) == 0)
        #expect(samples.bestShare(rows: [], bias: [2, 1], pool) == 1)
        #expect(abs(samples.bestShare(rows: [], bias: [4, 2], pool) - 0.5) < 1e-6)
      }
    }
  }

  /// Without drops healing changes nothing; with them the logits are another's, and the same however often
  /// the plan was changed.
  @Test(arguments: ["llama", "gemma3", "arcee"], [Plan.Healing.mean, .linear])
  func isPartOfThePlan(architecture: String, healing: Plan.Healing) throws {
    let model = try TinyModel.named(architecture).withFile { try Model(path: $0) }
    let tokens: [Token] = Array(3..<60)
    var plan = Plan.baseline
    plan.heal = healing
    let context = try InferenceContext(model, threads: 2, context: 64, keepsStream: true)
    let baseline = try context.allLogits(tokens)
    try context.use(plan)
    #expect(try context.allLogits(tokens) == baseline && context.healing == nil)
    plan.drop.attention = [1, 3]
    plan.drop.mlp = [2]
    var unhealed = plan
    unhealed.heal = .none
    try context.use(unhealed)
    let without = try context.allLogits(tokens)
    try context.use(plan)
    let with = try context.allLogits(tokens)
    #expect(with != without)
    context.forget()
    for (t, token) in tokens.enumerated() {  // alone, it goes through the maps as tokens of a batch do
      #expect(differences(try context.append(token), with[t]) == 0, "token \(t)")
    }
    let fresh = try InferenceContext(model, plan: plan, threads: 1, context: 64)
    #expect(try fresh.allLogits(tokens) == with && fresh.healing == context.healing)
    try context.use(.baseline)
    #expect(try context.allLogits(tokens) == baseline)
  }

  /// A fit on a rotated stream is for that stream: the same mean is found there.
  @Test func rotatedStreamsHealAlike() throws {
    let model = try TinyModel.llama().withFile { try Model(path: $0) }
    let tokens: [Token] = Array(3..<60)
    var plan = Plan.baseline
    plan.drop.attention = [1, 3]
    plan.drop.mlp = [2]
    plan.heal = .mean
    let context = try InferenceContext(model, plan: plan, threads: 2, context: 64)
    let expected = try context.allLogits(tokens)
    plan.rotate = true
    try context.use(plan)
    let divergences = try zip(expected, context.allLogits(tokens)).map {
      divergence(logSoftmax($0).map { Float($0) }, logSoftmax($1))
    }
    #expect(divergences.max()! < 1e-3)
  }

  @Test func parallelSublayersAreRefused() throws {
    let fixture = try #require(
      ArchitectureTests.fixtures.models.first { $0.label.hasPrefix("stablelm, parallel") })
    let model = try ArchitectureTests.open(fixture)
    var plan = Plan.baseline
    plan.heal = .mean
    plan.drop.attention = [1]
    let error = #expect(throws: PlanError.self) { try InferenceContext(model, plan: plan, context: 64) }
    #expect(error?.description.contains("heal: attention and MLP") == true)
  }

  /// A vocabulary without text, or a context of a few tokens, leaves nothing to fit on.
  @Test func textThatIsTooShort() throws {
    var wordless = TinyModel.llama()
    wordless.metadata["tokenizer.ggml.token_type"] = .array(
      MetadataArray([Int32](repeating: 3, count: TinyModel.vocabulary)))
    for model in [
      wordless, TinyModel.llama(TinyModel.Sizes(context: 1)), .llama(TinyModel.Sizes(context: 8)),
    ] {
      try model.withFile { path in
        for heal in [Plan.Healing.mean, .linear] {
          let error = #expect(throws: CalibrationText.TooShort.self) {
            _ = try InferenceContext(
              Model(path: path), plan: .with { ($0.heal, $0.drop.attention) = (heal, [0]) }, threads: 1,
              context: 32)
          }
          #expect(try "\(#require(error))".contains("--heal none"))
        }
        // Narrow weights, whose errors cannot be weighed, count alike.
        let context = try InferenceContext(
          Model(path: path), plan: .with { $0.bits.default = .four }, threads: 1, context: 32)
        #expect(try context.read([5, 6, 7]).contains { $0 != 0 && $0.isFinite })
      }
    }
  }
}

extension DefaultModelTests {
  @Suite struct RealHealingTests {
    /// A linear map in the place of redundant attention brings the model closer to the whole one, and the
    /// engine's own measure of it agrees with the evaluation of other text.
    @Test func linearMapsHelp() throws {
      var plan = Plan.baseline
      plan.drop.attention = [5, 6, 7, 8, 9, 25, 26, 28]
      let dropped = try divergence(under: plan)
      plan.heal = .linear
      let context = try InferenceContext(DefaultModel.model, plan: plan, context: 256)
      let effect = try #require(context.healing)
      #expect(effect.helps && effect.healed < 0.8 * effect.unhealed)
      let healed = try divergence(under: context)
      #expect(healed < 0.85 * dropped)
      print("8 dropped: KL \(dropped), healed \(healed); by the engine \(effect.unhealed), \(effect.healed)")
    }

    private func divergence(under plan: Plan) throws -> Double {
      try divergence(under: InferenceContext(DefaultModel.model, plan: plan, context: 256))
    }

    private func divergence(under context: InferenceContext) throws -> Double {
      let baseline = DefaultModel.baseline.logits
      let sum = try zip(baseline, context.allLogits(DefaultModel.tokens)).reduce(0.0) { sum, rows in
        sum + InferenceTests.divergence(logSoftmax(rows.0).map { Float($0) }, logSoftmax(rows.1))
      }
      return sum / Double(baseline.count)
    }
  }
}
