import Foundation
import Quantization
import TestModels
import Testing
import Tokenization

@testable import Inference

/// The tokens that each step keeps, against sets worked out by hand.
@Suite struct SamplingStepTests {
  /// Tokens 0…4 of probability 0.4, 0.3, 0.15, 0.1, 0.05; entropy 1.392 nats.
  static let probabilities = [0.4, 0.3, 0.15, 0.1, 0.05]

  /// - Parameter sorted: Whether top-k has put them in order; they come in another.
  static func candidates(_ sorted: Bool) -> (Candidates, name: [Token: Int]) {
    let order = [3, 0, 4, 2, 1]  // position → name
    let logits = order.map { Float(log(probabilities[$0])) }
    var candidates = Candidates()
    logits.withUnsafeBufferPointer { candidates.select(top: 5, of: $0) }
    if sorted { candidates.sort() }
    return (candidates, Dictionary(uniqueKeysWithValues: order.enumerated().map { (Token($0), $1) }))
  }

  static func kept(_ sorted: Bool, _ step: (inout Candidates) -> Void) -> Set<Int> {
    var (candidates, name) = candidates(sorted)
    step(&candidates)
    return Set(candidates.list.map { name[$0.token]! })
  }

  @Test(
    arguments: [
      (0, 0, 1), (0.39, 0, 1), (0.41, 0, 2), (0.69, 0, 2), (0.71, 0, 3), (0.94, 0, 4), (0.96, 0, 5),
      (1, 0, 5),
      (0.1, 3, 3), (0.71, 2, 3), (0.1, 9, 5),
    ] as [(Float, Int, Int)])
  func topP(p: Float, least: Int, count: Int) {
    for sorted in [false, true] {
      #expect(Self.kept(sorted) { $0.keepTopP(p, least: least) } == Set(0..<count))
    }
  }

  @Test(
    arguments: [
      (0, 0, 5), (0.12, 0, 5), (0.13, 0, 4), (0.24, 0, 4), (0.26, 0, 3), (0.37, 0, 3), (0.38, 0, 2),
      (0.76, 0, 1), (1, 0, 1), (0.9, 4, 4), (0.9, 9, 5), (0.26, 2, 3),
    ] as [(Float, Int, Int)])
  func minP(p: Float, least: Int, count: Int) {
    for sorted in [false, true] {
      #expect(Self.kept(sorted) { $0.keepMinP(p, least: least) } == Set(0..<count))
    }
  }

  /// Distances from the entropy: 0.476, 0.188, 0.505, 0.910, 1.603. The likeliest is not the most typical.
  @Test(
    arguments: [
      (0, 0, [1]), (0.29, 0, [1]), (0.31, 0, [0, 1]), (0.69, 0, [0, 1]), (0.71, 0, [0, 1, 2]),
      (0.86, 0, [0, 1, 2, 3]), (1, 0, [0, 1, 2, 3, 4]), (0.1, 2, [0, 1]), (0.1, 9, [0, 1, 2, 3, 4]),
    ] as [(Float, Int, [Int])])
  func typical(p: Float, least: Int, expected: [Int]) {
    for sorted in [false, true] {
      #expect(Self.kept(sorted) { $0.keepTypical(p, least: least) } == Set(expected))
    }
  }

  @Test(
    arguments: [
      (1, 0.12, 0, [2, 3, 4]), (1, 0.08, 0, [3, 4]), (1, 0.01, 0, [4]), (1, 0.2, 0, [1, 2, 3, 4]),
      (1, 0.35, 0, [0, 1, 2, 3, 4]), (1, 0.45, 0, [0, 1, 2, 3, 4]), (1, 0.51, 0, [0, 1, 2, 3, 4]),
      (0, 0.12, 0, [0, 1, 2, 3, 4]), (1, 0.12, 3, [2, 3, 4]), (1, 0.12, 4, [0, 1, 2, 3, 4]),
    ] as [(Float, Float, Int, [Int])])
  func xtc(probability: Float, threshold: Float, least: Int, expected: [Int]) {
    for sorted in [false, true] {
      var random = SplitMix64(state: 3)
      let kept = Self.kept(sorted) {
        $0.excludeTopChoices(probability: probability, threshold: threshold, least: least, &random)
      }
      #expect(kept == Set(expected))
    }
  }

  /// Mean 3.2, standard deviation 3.544: floors 6.456, 2.912, 1.849, −0.632.
  @Test(arguments: [(0, 5), (1, 1), (2, 2), (2.3, 3), (3, 5)] as [(Float, Int)])
  func topNSigma(n: Float, count: Int) {
    let logits: [Float] = [0, 1, 2, 3, 10]
    logits.withUnsafeBufferPointer { logits in
      for k in [5, 4] {
        var candidates = Candidates()
        candidates.select(top: k, of: logits, atLeast: Candidates.sigmaFloor(logits, n))
        #expect(Set(candidates.list.map(\.token)) == Set((0..<5).suffix(min(k, count)).map(Token.init)))
      }
    }
    // Forbidden tokens do not count in.
    let masked: [Float] = [-.infinity, 0, 1, 2, 3, 10, -.infinity, .nan]
    let floors = [logits, masked].map { $0.withUnsafeBufferPointer { Candidates.sigmaFloor($0, n) } }
    #expect(floors[0] == floors[1])
  }

  /// Whatever the order, the likeliest come first, and of equals the lower.
  @Test(arguments: [1, 2, 15, 16, 17, 40, 999])
  func topKKeepsTheOrder(k: Int) {
    var random = SeededGenerator(seed: UInt64(k))
    let mixed = random.gaussians(1000).map { ($0 * 4).rounded() }
    for logits in [mixed, mixed.sorted(), mixed.sorted(by: >)] {
      let expected = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }.prefix(k)
      var candidates = Candidates()
      logits.withUnsafeBufferPointer { candidates.select(top: k, of: $0) }
      #expect(candidates.list.map { Int($0.token) } == Array(expected))
      // A part of them, found without sorting everything.
      logits.withUnsafeBufferPointer { candidates.select(top: 1000, of: $0) }
      var count = 0
      candidates.keepLikeliest { _ in
        count += 1
        return count == k
      }
      #expect(candidates.list.map { Int($0.token) } == Array(expected))
    }
  }

  @Test func temperatureZeroTakesTheLikeliestThatIsLeft() {
    let logits = Self.probabilities.map { Float(log($0)) }
    var options = SamplingOptions()
    options.temperature = 0
    (options.xtcProbability, options.xtcThreshold) = (1, 0.12)
    #expect(SamplerTests.draw(1, logits, options)[0].token == 2)
    options.xtcProbability = 0
    options.typicalP = 0.2
    #expect(SamplerTests.draw(1, logits, options)[0].token == 1)
    options.typicalP = 1
    #expect(SamplerTests.draw(1, logits, options)[0].token == 0)
  }
}

@Suite struct PortableMathTests {
  /// Within a few units in the last place of the C library's.
  @Test func agreesWithTheLibrary() {
    var random = SplitMix64(state: 9)
    for _ in 0..<20_000 {
      let x = (random.unit() - 0.5) * 1400
      #expect(abs(PortableMath.exp(x) / exp(x) - 1) < 1e-15)
      let small = (random.unit() - 0.5) * 2
      #expect(abs(PortableMath.exp(small) / exp(small) - 1) < 1e-15)
      let y = exp(x)
      #expect(abs(PortableMath.log(y) - log(y)) <= 1e-15 * max(1, abs(log(y))))
    }
    for (base, exponent) in [(1.75, 0), (1.75, 1), (1.75, 13), (2, 10), (1, 1000)] {
      #expect(abs(PortableMath.power(base, exponent) / pow(base, Double(exponent)) - 1) < 1e-14)
    }
  }

  @Test func atTheEnds() {
    #expect(PortableMath.exp(0) == 1 && PortableMath.exp(-.infinity) == 0)
    #expect(PortableMath.exp(1000) == .infinity && PortableMath.exp(-1000) == 0)
    #expect(PortableMath.exp(.nan).isNaN && PortableMath.log(-1).isNaN && PortableMath.log(.nan).isNaN)
    #expect(PortableMath.log(1) == 0 && PortableMath.log(0) == -.infinity)
    #expect(PortableMath.log(.infinity) == .infinity)
    #expect(PortableMath.power(100, 1_000_000) == .infinity)
  }
}
