import TestModels
import Testing
import Tokenization

@testable import Inference

/// The weights of errors in the columns of a matrix.
extension DefaultModelTests {
  @Suite struct ImportanceTests {
    /// Narrow weights come closer to the baseline when errors are weighed by what the matrices read, and are
    /// the same however they were reached.
    @Test func narrowWeightsAreCloser() throws {
      var plan = Plan.baseline
      plan.bits.default = .three
      let model = DefaultModel.model, tokens = Array(DefaultModel.tokens[..<128])
      let context = try InferenceContext(model, context: 128)
      let baseline = try context.allLogits(tokens)
      try context.use(plan)
      let weighed = try context.allLogits(tokens)

      let pool = ComputePool(threads: 2)
      defer { pool.stop() }
      let plain = try Weights(
        model, plan: plan, reusing: nil, pool: pool, kernels: .best, progress: { _ in true })
      context.transformer = context.transformer.with(plain, cache: context.cache)
      context.forget()
      let unweighed = try context.allLogits(tokens)
      func divergence(_ logits: [[Float]]) -> Double {
        zip(baseline, logits).reduce(0.0) { sum, rows in
          sum + InferenceTests.divergence(logSoftmax(rows.0).map { Float($0) }, logSoftmax(rows.1))
        } / Double(tokens.count)
      }
      let (with, without) = (divergence(weighed), divergence(unweighed))
      #expect(with < 0.7 * without)
      print("3 bits: KL \(without), weighed by importance \(with)")

      let direct = try InferenceContext(model, plan: plan, threads: 1, context: 128)
      #expect(try direct.allLogits(tokens) == weighed)
    }
  }
}
