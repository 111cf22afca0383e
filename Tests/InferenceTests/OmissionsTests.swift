import Foundation
import Inference
import TestModels
import Testing
import Tokenization

/// Texts without a stretch, against contexts that read what is left.
@Suite struct OmissionsTests {
  @Test(arguments: TinyModel.architectures)
  func computesWhatAFreshContextDoes(architecture: String) throws {
    let model = try TinyModel.named(architecture).withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: 9)
    let tokens = TinyModelTests.randomTokens(300, using: &random), target: Token = 17
    let plan = Plan.with {
      $0.drop[heads: 1] = [0]
      $0.kvBits = 8
    }
    let context = try InferenceContext(model, plan: plan, threads: 2, context: 320)
    try context.read(Array(tokens.prefix(10)))
    let omissions = try Omissions(tokens, before: target, in: context)
    let fresh = try InferenceContext(model, plan: plan, threads: 1, context: 320)
    // From the last back, and then in no order: the end, the beginning, nothing, all but the end.
    for omitted in [
      0..<0, 290..<300, 250..<260, 30..<33, 0..<5, 299..<300, 100..<101, 5..<5, 0..<299, 1..<300,
    ] {
      let rest = Array(tokens[..<omitted.lowerBound] + tokens[omitted.upperBound...])
      let logits = try fresh.read(omitted.isEmpty ? tokens : rest)
      let expected = LogDistribution(logits, kernels: fresh.kernels)[target]
      #expect(try omissions.logProbability(without: omitted) == expected, "\(omitted)")
    }
    #expect(omissions.plan == plan && context.tokens == Array(tokens.prefix(10)))
  }

  /// What a stop leaves behind does no harm.
  @Test func stopsInTheMiddle() throws {
    let model = try TinyModel.llama().withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: 9)
    let tokens = TinyModelTests.randomTokens(300, using: &random)
    let context = try InferenceContext(model, threads: 1, context: 64)
    let omissions = try Omissions(tokens, before: 5, in: context)
    let ranges = [0..<0, 200..<210, 10..<12]
    let expected = try ranges.map { try omissions.logProbability(without: $0) }
    for limit in [0, 2, 6] {
      for range in ranges.reversed() {
        nonisolated(unsafe) var calls = 0
        _ = try? omissions.logProbability(without: range) {
          calls += 1
          return calls > limit
        }
      }
      for (range, expected) in zip(ranges, expected) {
        #expect(try omissions.logProbability(without: range) == expected)
      }
    }
  }
}
