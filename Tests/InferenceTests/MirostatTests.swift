import Foundation
import Quantization
import TestModels
import Testing
import Tokenization

@testable import Inference

/// Mirostat holds the surprise of what is drawn near its target.
@Suite struct MirostatTests {
  static func options(_ version: Int, tau: Float, temperature: Float = 1) -> SamplingOptions {
    var options = SamplingOptions()
    (options.mirostat, options.mirostatTau, options.temperature, options.seed) = (
      version, tau, temperature, 11
    )
    return options
  }

  /// Fresh distributions at each step, of an entropy of about 6.9 bits.
  @Test(arguments: [(1, 2), (1, 4), (2, 2), (2, 3.5), (2, 5)] as [(Int, Float)])
  func convergesToItsTarget(version: Int, tau: Float) throws {
    let options = Self.options(version, tau: tau)
    var mirostat = Mirostat(options)
    var candidates = Candidates()
    var draws = SplitMix64(state: 11)
    var random = SeededGenerator(seed: 3)
    #expect(mirostat.mu == Double(2 * tau))
    var surprises: [Double] = []
    for _ in 0..<3000 {
      let logits = random.gaussians(500).map { $0 * 2 }
      let before = mirostat.mu
      let token = logits.withUnsafeBufferPointer { mirostat.draw(&candidates, of: $0, &draws) }
      // Its surprise among those that were kept.
      let kept = candidates.list.map { exp(Double($0.logit)) }
      let surprise = -log2(exp(Double(logits[Int(try #require(token))])) / kept.reduce(0, +))
      #expect(abs(mirostat.mu - (before - 0.1 * (surprise - Double(tau)))) < 1e-6)
      surprises.append(surprise)
      if version == 2 {
        // The likeliest stays even when it is too surprising.
        let total = logits.reduce(0) { $0 + exp(Double($1)) }
        let likeliest = logits.max()!
        let expected = logits.indices.filter {
          logits[$0] == likeliest || -log2(exp(Double(logits[$0])) / total) <= before
        }
        #expect(Set(candidates.list.map { Int($0.token) }) == Set(expected))
      }
    }
    let mean = surprises.suffix(2000).reduce(0, +) / 2000
    #expect(abs(mean - Double(tau)) < 0.05)
  }

  /// Of Zipf's law with the exponent 1.5 over 1000 tokens and a bound of 6 bits, version 1 keeps
  /// (0.5 · 2⁶ / (1 − 1000^−0.5))^(1 / 1.5) = 10.3 tokens, so 10.
  @Test func zipfByHand() {
    let logits = (1...1000).map { Float(-1.5 * log(Double($0))) }
    var drawn = [Int](repeating: 0, count: 1000)
    for seed in 0..<4000 {
      var options = Self.options(1, tau: 3)
      options.seed = UInt64(seed)
      drawn[Int(SamplerTests.draw(1, logits, options)[0].token)] += 1
    }
    let weights = (1...10).map { pow(Double($0), -1.5) }
    let expected = weights.map { $0 / weights.reduce(0, +) }
    expectDrawn(drawn, from: expected + Array(repeating: 0, count: 990), "mirostat 1")
  }

  /// Version 2 with a bound of 4 bits: of tokens of 1/2, 1/4, 1/8, 1/16 and two of 1/32, the last two go. The
  /// temperature comes first: at 2, all of them stay.
  @Test func powersOfTwoByHand() {
    let bits: [Double] = [1, 2, 3, 4, 5, 5]
    let logits = bits.map { Float(-$0 * log(2)) }
    for (temperature, kept) in [(1, 4), (2, 6)] as [(Float, Int)] {
      var drawn = [Int](repeating: 0, count: 6)
      for seed in 0..<4000 {
        var options = Self.options(2, tau: 2.01, temperature: temperature)
        options.seed = UInt64(seed)
        drawn[Int(SamplerTests.draw(1, logits, options)[0].token)] += 1
      }
      let weights = bits.indices.map { $0 < kept ? exp2(-bits[$0] / Double(temperature)) : 0 }
      expectDrawn(drawn, from: weights.map { $0 / weights.reduce(0, +) }, "temperature \(temperature)")
    }
  }

  /// As in llama.cpp: bias counts, penalties and truncation do not; at temperature 0 it is off.
  @Test func takesThePlaceOfTheOtherSteps() {
    let logits: [Float] = [1, 0.9, 0.8, 0.7]
    var options = Self.options(2, tau: 5)
    (options.topK, options.repeatPenalty, options.presencePenalty) = (1, 100, 100)
    options.logitBias = [3: -.infinity]
    let drawn = SamplerTests.draw(300, logits, options, recent: [0, 1]).map(\.token)
    #expect(Set(drawn) == [0, 1, 2])
    options.temperature = 0
    #expect(SamplerTests.draw(5, logits, options, recent: [0, 1]).allSatisfy { $0.token == 2 })
  }
}
