import Foundation
import Inference
import Testing
import Tokenization

@Suite struct DivergenceTests {
  static func divergence(_ p: [Float], _ q: [Float]) -> Divergence {
    distribution(p) { p in distribution(q) { q in Divergence(baseline: p, plan: q) } }
  }

  static func distribution<Result>(_ logits: [Float], _ body: (LogDistribution) -> Result) -> Result {
    logits.withUnsafeBufferPointer { body(LogDistribution($0, kernels: .best)) }
  }

  /// ½ and ½ against ¾ and ¼, by hand. A constant added to logits changes nothing.
  @Test func byHand() {
    let p: [Float] = [5, 5], q: [Float] = [Float(log(3.0)) - 7, -7]
    let there = Self.divergence(p, q), back = Self.divergence(q, p)
    let kl = 0.5 * log(0.5 / 0.75) + 0.5 * log(0.5 / 0.25)
    let reverse = 0.75 * log(0.75 / 0.5) + 0.25 * log(0.25 / 0.5)
    // Both against their mean, ⅝ and ⅜.
    let first = 0.5 * log(0.5 / 0.625) + 0.5 * log(0.5 / 0.375)
    let second = 0.75 * log(0.75 / 0.625) + 0.25 * log(0.25 / 0.375)
    #expect(abs(there.kl - kl) < 1e-6 && abs(back.kl - reverse) < 1e-6)
    #expect(abs(there.js - (first + second) / 2) < 1e-6 && abs(back.js - there.js) < 1e-6)
    #expect(there.sameTop)  // of equals the lower id is the likeliest
    #expect(!Self.divergence([1, 2], q).sameTop)
  }

  @Test func ofTheSameIsZero() {
    let logits = (0..<1000).map { Float(sin(Double($0))) * 9 }
    let divergence = Self.divergence(logits, logits)
    #expect(divergence.kl == 0 && divergence.js < 1e-12 && divergence.sameTop)
  }

  /// Nothing in common: KL has no bound, Jensen and Shannon's is ln 2.
  @Test func ofDisjointDistributions() {
    let divergence = Self.divergence([0, -.infinity], [-.infinity, 0])
    #expect(divergence.kl == .infinity && abs(divergence.js - log(2.0)) < 1e-9 && !divergence.sameTop)
    let far = Self.divergence([300, 0, 0], [0, 300, 0])
    #expect(abs(far.kl - 300) < 1e-3 && far.js <= log(2.0) + 1e-9)
  }

  /// What is no distribution has no divergence, and never a perfect one.
  @Test(arguments: [
    [Float.nan, .nan, .nan], [0, .nan, 1], [.infinity, 0, 1], [-.infinity, -.infinity, -.infinity],
  ])
  func ofWhatIsNoDistribution(logits: [Float]) {
    for divergence in [
      Self.divergence([0, 1, 2], logits), Self.divergence(logits, [0, 1, 2]),
      Self.divergence(logits, logits),
    ] {
      #expect(divergence.kl.isNaN && divergence.js.isNaN && !divergence.sameTop)
      #expect(divergence.sameTopShare.isNaN)
    }
    Self.distribution(logits) { #expect(!$0.isFinite) }
    Self.distribution([0, 1, 2]) { #expect($0.isFinite) }
  }

  @Test func logProbabilities() {
    let logits: [Float] = [1, -2, 0.5, 3, 3]
    let total = log(logits.reduce(0.0) { $0 + exp(Double($1)) })
    Self.distribution(logits) { distribution in
      #expect(distribution.count == 5 && distribution.likeliest == 3)
      for token in logits.indices {
        #expect(abs(Double(distribution[Token(token)]) - (Double(logits[token]) - total)) < 1e-6)
      }
    }
  }

  /// A vocabulary of several parts, one of which nothing is possible in: the sum is that of all.
  @Test func partsOfALargeVocabulary() {
    var logits = (0..<9000).map { Float(sin(Double($0))) * 9 }
    for token in 2000..<4200 { logits[token] = -.infinity }
    logits[8000] = 20
    logits[8999] = 20
    let total = log(logits.reduce(0.0) { $0 + exp(Double($1)) })
    Self.distribution(logits) { distribution in
      #expect(distribution.likeliest == 8000)
      #expect(abs(Double(distribution[8000]) - (20 - total)) < 1e-5)
      #expect(distribution[3000] == -.infinity)
    }
    logits[5000] = .nan
    Self.distribution(logits) { #expect($0[0].isNaN && $0.likeliest == 8000) }
  }

  /// The likeliest in order, the lower id first among equals, however many are asked for.
  @Test(arguments: [0, 1, 2, 7, 100, 999, 1000, 5000])
  func likeliest(count: Int) {
    var state: UInt32 = 7
    let mixed = (0..<1000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 24) / 16  // 256 values: many are equal
    }
    for logits in [mixed, mixed.sorted(), mixed.sorted(by: >)] {
      let expected = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }.prefix(count)
      let actual = Self.distribution(logits) { $0.likeliest(count) }
      #expect(actual.map(Int.init) == Array(expected))
    }
  }
}
