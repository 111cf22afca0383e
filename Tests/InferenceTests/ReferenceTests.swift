import Foundation
import ModelFiles
import TestModels
import Testing

/// The reference in Swift, which yields whole distributions, against the one in numpy, which no code is
/// shared with: only then is it fit to judge the engine.
@Suite(.enabled(if: ModelFiles.areThere)) struct ReferenceTests {
  let expected = Reference.shared
  let actual = Reference.model

  @Test func nextTokenLogProbabilities() {
    for (t, expected) in expected.logprob.enumerated() {
      let value = Double(actual.logProbabilities[t][self.expected.ids[t + 1]])
      #expect(abs(value - expected) < 1e-3, "token \(t)")
    }
  }

  @Test func likeliestTokens() {
    for t in expected.ids.indices {
      for (token, expected) in zip(expected.top[t], expected.topLogprob[t]) {
        #expect(abs(Double(actual.logProbabilities[t][token]) - expected) < 1e-3, "token \(t)")
      }
      // None that is not listed is likelier than the last that is.
      let listed = Set(expected.top[t]), floor = expected.topLogprob[t].last!
      let others = actual.logProbabilities[t].enumerated().filter { !listed.contains($0.offset) }
      #expect(others.allSatisfy { Double($0.element) < floor + 1e-3 }, "token \(t)")
    }
  }

  @Test func entropies() {
    for (t, expected) in expected.entropy.enumerated() {
      let entropy = actual.logProbabilities[t].reduce(0.0) { $0 - exp(Double($1)) * Double($1) }
      #expect(abs(entropy - expected) < 1e-3, "token \(t)")
    }
  }

  @Test func wholeDistributions() {
    for (t, expected) in zip(expected.distributions, Reference.fullDistributions) {
      let worst = zip(expected, actual.logProbabilities[t]).map { abs($0 - Double($1)) }.max()!
      #expect(worst < 0x1p-11 + 1e-3, "token \(t)")
      let kl = zip(expected, actual.logProbabilities[t]).reduce(0.0) {
        $0 + exp($1.0) * ($1.0 - Double($1.1))
      }
      #expect(abs(kl) < 1e-3, "token \(t)")
    }
  }

  @Test func similarities() {
    for (expected, actual) in [
      (expected.similarity.attention, actual.attention), (expected.similarity.mlp, actual.mlp),
      (expected.similarity.block, actual.block),
    ] {
      let means = actual.map { $0.reduce(0, +) / Double($0.count) }
      #expect(means.count == expected.count)
      for (layer, (mean, expected)) in zip(means, expected).enumerated() {
        #expect(abs(mean - expected) < 1e-4, "layer \(layer)")
      }
    }
  }

  @Test func droppedSublayers() throws {
    let model = try ReferenceModel(path: DefaultModel.path)
    // The first 64 tokens suffice, since none sees those after it.
    let ids = Array(expected.ids.prefix(64))
    let output = model.read(ids, dropping: expected.dropped.plan.drop)
    for t in ids.indices.dropLast() {
      let value = Double(output.logProbabilities[t][ids[t + 1]])
      #expect(abs(value - expected.dropped.logprob[t]) < 1e-3, "token \(t)")
    }
    #expect(output.attention[5].isEmpty && output.mlp[10].isEmpty)
  }
}
