import Foundation
import Testing
import Tokenization

@testable import Inference

/// Tokens are drawn from exactly the distribution that the options describe.
@Suite struct SamplerTests {
  static func options(_ change: (inout SamplingOptions) -> Void) -> SamplingOptions {
    var options = SamplingOptions()
    options.temperature = 1
    options.topK = 0
    options.topP = 1
    options.minP = 0
    options.seed = 12345
    change(&options)
    return options
  }

  static func draw(
    _ count: Int, _ logits: [Float], _ options: SamplingOptions, recent: [Token] = []
  ) -> [(token: Token, logProbability: Float)] {
    var sampler = Sampler(options)
    return logits.withUnsafeBufferPointer { logits in
      (0..<count).map { _ in sampler.next(logits, recent: recent[...]) }
    }
  }

  /// The probabilities that the chain's definition gives, in plain steps.
  static func expected(_ logits: [Float], _ options: SamplingOptions, recent: [Token] = []) -> [Double] {
    var logits = logits.map(Double.init)
    for token in Set(recent.suffix(options.repeatWindow)) {
      let penalty = Double(options.repeatPenalty), logit = logits[Int(token)]
      logits[Int(token)] = logit > 0 ? logit / penalty : logit * penalty
    }
    var order = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
    if options.topK > 0 { order = Array(order.prefix(options.topK)) }
    func softmax(_ tokens: [Int], _ temperature: Double) -> [Double] {
      let weights = tokens.map { exp((logits[$0] - logits[tokens[0]]) / temperature) }
      return weights.map { $0 / weights.reduce(0, +) }
    }
    var sum = 0.0
    let nucleus = zip(order, softmax(order, 1)).prefix { _, probability in
      defer { sum += probability }
      return sum < Double(options.topP)
    }.map(\.0)
    let kept = nucleus.filter { exp(logits[$0] - logits[nucleus[0]]) >= Double(options.minP) }
    var probabilities = [Double](repeating: 0, count: logits.count)
    for (token, probability) in zip(kept, softmax(kept, Double(options.temperature))) {
      probabilities[token] = probability
    }
    return probabilities
  }

  static let logits: [Float] = [1.2, -0.3, 2.1, 0.4, -2, 1.9, 0, 0.8, -0.9, 2.1, -5, 1.1]

  /// χ² of what was drawn; tokens of probability 0 must not be drawn at all.
  @Test(
    arguments: [
      ("plain", options { _ in }, []),
      ("cool", options { $0.temperature = 0.5 }, []),
      ("hot", options { $0.temperature = 2.5 }, []),
      ("top-k", options { $0.topK = 3 }, []),
      ("top-k of all", options { $0.topK = 100 }, []),
      ("top-p", options { $0.topP = 0.7 }, []),
      ("min-p", options { $0.minP = 0.3 }, []),
      ("all, cooled", options { ($0.topK, $0.topP, $0.minP, $0.temperature) = (7, 0.9, 0.2, 0.7) }, []),
      ("penalty", options { $0.repeatPenalty = 1.5 }, [2, 4, 2, 11]),
      ("penalty, window", options { ($0.repeatPenalty, $0.repeatWindow) = (2, 2) }, [0, 2, 4, 9]),
      ("no window", options { ($0.repeatPenalty, $0.repeatWindow) = (2, 0) }, [0, 2, 4, 9]),
      ("penalty below 1", options { ($0.repeatPenalty, $0.topK) = (0.5, 4) }, [1, 3]),
    ] as [(String, SamplingOptions, [Token])])
  func distribution(name: String, options: SamplingOptions, recent: [Token]) {
    let count = 40_000
    let expected = Self.expected(Self.logits, options, recent: recent)
    var drawn = [Int](repeating: 0, count: expected.count)
    for (token, _) in Self.draw(count, Self.logits, options, recent: recent) { drawn[Int(token)] += 1 }
    var chiSquare = 0.0, freedom = -1.0
    for (drawn, probability) in zip(drawn, expected) {
      if probability == 0 {
        #expect(drawn == 0)
        continue
      }
      let mean = Double(count) * probability
      chiSquare += (Double(drawn) - mean) * (Double(drawn) - mean) / mean
      freedom += 1
    }
    // Exceeded once in a thousand seeds (Wilson and Hilferty's approximation).
    let z = 3.09, spread = 2 / (9 * max(freedom, 1))
    #expect(chiSquare < max(freedom, 1) * pow(1 - spread + z * spread.squareRoot(), 3), "\(name)")
  }

  @Test func zeroTemperatureTakesTheLikeliest() {
    let greedy = Self.options { $0.temperature = 0 }
    for (token, logProbability) in Self.draw(20, Self.logits, greedy) {
      #expect(token == 2)  // 9 is as likely; the lower id comes first
      let total = log(Self.logits.reduce(0.0) { $0 + exp(Double($1)) })
      #expect(abs(Double(logProbability) - (2.1 - total)) < 1e-5)
    }
    let penalised = Self.options { ($0.temperature, $0.repeatPenalty) = (0, 1.3) }
    #expect(Self.draw(1, Self.logits, penalised, recent: [2])[0].token == 9)
    #expect(Self.draw(1, Self.logits, penalised, recent: [2, 9])[0].token == 5)
  }

  /// Log-probabilities are those of the model, whatever the chain did.
  @Test func reportsTheModelsOwnProbability() {
    let total = log(Self.logits.reduce(0.0) { $0 + exp(Double($1)) })
    let options = Self.options { ($0.temperature, $0.topK, $0.repeatPenalty) = (3, 5, 1.8) }
    for (token, logProbability) in Self.draw(200, Self.logits, options, recent: [2, 9]) {
      #expect(abs(Double(logProbability) - (Double(Self.logits[Int(token)]) - total)) < 1e-5)
    }
  }

  /// Over a vocabulary of real size: the k likeliest wherever they stand, in any order.
  @Test(arguments: [1, 2, 40, 1000, 49_152, 60_000])
  func topKOfManyTokens(k: Int) {
    var random = SeededGenerator(seed: UInt64(k))
    let logits = random.gaussians(49_152)
    let options = Self.options { ($0.topK, $0.temperature) = (k, 1000) }
    let kept = Set(logits.indices.sorted { logits[$0] > logits[$1] }.prefix(k))
    let drawn = Self.draw(k > 1000 ? 20 : 300, logits, options).map { Int($0.token) }
    #expect(drawn.allSatisfy(kept.contains))
    if (2...40).contains(k) { #expect(Set(drawn) == kept) }
  }

  /// The published numbers of the generator: a seed draws the same tokens on every machine.
  @Test func generatorIsSplitMix64() {
    var random = SplitMix64(state: 1_234_567)
    #expect(
      (0..<5).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func sameSeedSameTokens() {
    let tokens = Self.draw(16, Self.logits, Self.options { $0.seed = 1 }).map(\.token)
    #expect(tokens == Self.draw(16, Self.logits, Self.options { $0.seed = 1 }).map(\.token))
    #expect(tokens != Self.draw(16, Self.logits, Self.options { $0.seed = 2 }).map(\.token))
    // By hand: the first unit number of seed 1 times the sum of weights, counted off from the likeliest.
    var random = SplitMix64(state: 1)
    let order = Self.logits.indices.sorted { (-Self.logits[$0], $0) < (-Self.logits[$1], $1) }
    let expected = (0..<16).map { _ in
      var rest = Double(random.next() >> 40) / 16_777_216
      return order.first { index in
        rest -= Self.expected(Self.logits, Self.options { _ in })[index]
        return rest < 0
      } ?? order[order.count - 1]
    }
    #expect(tokens.map(Int.init) == expected)
    let unseeded = (0..<2).map { _ in Self.draw(64, Self.logits, Self.options { $0.seed = nil }).map(\.token)
    }
    #expect(unseeded[0] != unseeded[1])
  }

  @Test(arguments: [
    options { $0.minP = 2 }, options { $0.topP = 0 }, options { $0.topP = -1 },
    options { $0.temperature = -1 },
    options { $0.temperature = .nan }, options { $0.temperature = 1e-38 }, options { $0.topK = -5 },
    options { $0.repeatPenalty = 0 }, options { $0.repeatPenalty = -1 }, options { $0.repeatWindow = -1 },
    options { $0.repeatPenalty = .infinity },
  ])
  func absurdOptionsDrawSomeToken(options: SamplingOptions) {
    var options = options
    options.repeatPenalty = options.repeatPenalty == 1 ? 1.1 : options.repeatPenalty
    for (token, _) in Self.draw(50, Self.logits, options, recent: [2, 3]) {
      #expect(Self.logits.indices.contains(Int(token)))
    }
  }

  @Test(
    arguments: [
      [Float](repeating: .nan, count: 12), [Float](repeating: -.infinity, count: 12), [0, .nan, 1, .nan],
      [.infinity, 0, .infinity], [-.infinity, 3], [5],
    ] as [[Float]])
  func absurdLogitsDrawSomeToken(logits: [Float]) {
    for options in [Self.options { _ in }, Self.options { $0.temperature = 0 }, SamplingOptions()] {
      for (token, _) in Self.draw(20, logits, options) { #expect(logits.indices.contains(Int(token))) }
    }
    if logits == [-.infinity, 3] {
      #expect(Self.draw(20, logits, Self.options { _ in }).allSatisfy { $0.token == 1 })
    }
  }
}
