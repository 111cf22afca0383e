import Foundation
import Quantization
import TestModels
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
    _ count: Int, _ logits: [Float], _ options: SamplingOptions, recent: [Token] = [],
    suppressed: Set<Token> = []
  ) -> [(token: Token, logProbability: Float)] {
    var sampler = Sampler(options, suppressed: suppressed)
    return DivergenceTests.distribution(logits) { distribution in
      (0..<count).map { _ in sampler.next(distribution, recent: recent[...]) }
    }
  }

  /// The probabilities that the chain's definition gives, in plain steps.
  static func expected(_ logits: [Float], _ options: SamplingOptions, recent: [Token] = []) -> [Double] {
    var logits = logits.map(Double.init)
    for (token, bias) in options.logitBias where logits.indices.contains(Int(token)) {
      logits[Int(token)] += Double(bias)
    }
    let window = recent.suffix(options.repeatWindow)
    for token in Set(window) {
      let penalty = Double(options.repeatPenalty), logit = logits[Int(token)]
      logits[Int(token)] =
        (logit > 0 ? logit / penalty : logit * penalty)
        - Double(options.frequencyPenalty) * Double(window.count { $0 == token })
        - Double(options.presencePenalty)
    }
    var kept = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
    if options.topNSigma > 0 {
      let mean = logits.reduce(0, +) / Double(logits.count)
      let deviation = (logits.reduce(0) { $0 + pow($1 - mean, 2) } / Double(logits.count)).squareRoot()
      kept = kept.filter { logits[$0] >= logits[kept[0]] - Double(options.topNSigma) * deviation }
    }
    if options.topK > 0 { kept = Array(kept.prefix(options.topK)) }
    func softmax(_ tokens: [Int], _ temperature: Double = 1) -> [Double] {
      let weights = tokens.map { exp(logits[$0] / temperature) }
      return weights.map { $0 / weights.reduce(0, +) }
    }
    /// The first of `tokens` until `isEnough` of their probability.
    func prefix(_ tokens: [Int], _ probability: [Int: Double], until isEnough: (Double) -> Bool) -> [Int] {
      var sum = 0.0, count = 0
      return tokens.prefix { token in
        defer { sum += probability[token]!; count += 1 }
        return !isEnough(sum) || count < max(1, options.minKeep)
      }
    }
    func probabilities() -> [Int: Double] { Dictionary(uniqueKeysWithValues: zip(kept, softmax(kept))) }
    if options.typicalP < 1 {
      let probability = probabilities()
      let entropy = -probability.values.reduce(0) { $0 + $1 * log($1) }
      let order = kept.sorted {
        abs(-log(probability[$0]!) - entropy) < abs(-log(probability[$1]!) - entropy)
      }
      kept = prefix(order, probability) { $0 > Double(options.typicalP) }
      kept.sort { (-logits[$0], $0) < (-logits[$1], $1) }
    }
    if options.topP < 1 { kept = prefix(kept, probabilities()) { $0 >= Double(options.topP) } }
    let likely = kept.filter { exp(logits[$0] - logits[kept[0]]) >= Double(options.minP) }
    kept = likely.count < max(1, options.minKeep) ? Array(kept.prefix(options.minKeep)) : likely
    var result = [Double](repeating: 0, count: logits.count)
    func add(_ kept: some Collection<Int>, share: Double) {
      for (token, probability) in zip(kept, softmax(Array(kept), Double(options.temperature))) {
        result[token] += share * probability
      }
    }
    let choices = softmax(kept).count { $0 >= Double(options.xtcThreshold) }
    let excluded = options.xtcThreshold <= 0.5 ? max(0, choices - 1) : 0
    let share = kept.count - excluded >= options.minKeep ? Double(options.xtcProbability) : 0
    add(kept.dropFirst(excluded), share: share)
    add(kept, share: 1 - share)
    return result
  }

  static let logits: [Float] = [1.2, -0.3, 2.1, 0.4, -2, 1.9, 0, 0.8, -0.9, 2.1, -5, 1.1]

  /// Tokens of probability 0 must not be drawn at all.
  @Test(
    arguments: [
      ("plain", options { _ in }, []),
      ("cool", options { $0.temperature = 0.5 }, []),
      ("hot", options { $0.temperature = 2.5 }, []),
      ("bias", options { $0.logitBias = [4: 4, 2: -.infinity, 10: 5, 99: 7, -3: 7] }, []),
      ("top-k", options { $0.topK = 3 }, []),
      ("top-k of all", options { $0.topK = 100 }, []),
      ("top-n-sigma", options { $0.topNSigma = 0.8 }, []),
      ("top-n-sigma, top-k", options { ($0.topNSigma, $0.topK) = (0.5, 7) }, []),
      ("typical", options { $0.typicalP = 0.5 }, []),
      ("typical of top-k", options { ($0.typicalP, $0.topK) = (0.3, 6) }, []),
      ("top-p", options { $0.topP = 0.7 }, []),
      ("min-p", options { $0.minP = 0.3 }, []),
      ("min-p, at least 8", options { ($0.minP, $0.minKeep) = (0.5, 8) }, []),
      ("top-p, at least 9", options { ($0.topP, $0.minKeep) = (0.2, 9) }, []),
      ("XTC", options { ($0.xtcProbability, $0.xtcThreshold) = (0.6, 0.12) }, []),
      ("XTC always, of top-k", options { ($0.xtcProbability, $0.topK) = (1, 5) }, []),
      ("XTC, too few left", options { ($0.xtcProbability, $0.topK, $0.minKeep) = (1, 5, 2) }, []),
      ("all, cooled", options { ($0.topK, $0.topP, $0.minP, $0.temperature) = (7, 0.9, 0.2, 0.7) }, []),
      (
        "every step",
        options {
          ($0.topNSigma, $0.topK, $0.typicalP, $0.topP, $0.minP) = (2, 9, 0.95, 0.95, 0.1)
          ($0.xtcProbability, $0.xtcThreshold, $0.temperature) = (0.5, 0.2, 1.4)
          ($0.repeatPenalty, $0.frequencyPenalty, $0.presencePenalty) = (1.1, 0.2, 0.1)
          $0.logitBias = [0: 0.5]
        }, [2, 2, 5, 9]
      ),
      ("penalty", options { $0.repeatPenalty = 1.5 }, [2, 4, 2, 11]),
      ("penalty, window", options { ($0.repeatPenalty, $0.repeatWindow) = (2, 2) }, [0, 2, 4, 9]),
      ("no window", options { ($0.repeatPenalty, $0.repeatWindow) = (2, 0) }, [0, 2, 4, 9]),
      ("penalty below 1", options { ($0.repeatPenalty, $0.topK) = (0.5, 4) }, [1, 3]),
      ("frequency", options { $0.frequencyPenalty = 0.7 }, [2, 4, 2, 11, 2]),
      ("frequency below 0", options { $0.frequencyPenalty = -0.4 }, [3, 3, 3, 4]),
      ("presence", options { $0.presencePenalty = 0.9 }, [2, 4, 2, 11, 2, 99]),
    ] as [(String, SamplingOptions, [Token])])
  func distribution(name: String, options: SamplingOptions, recent: [Token]) {
    let expected = Self.expected(Self.logits, options, recent: recent.filter { $0 < 12 })
    var drawn = [Int](repeating: 0, count: expected.count)
    for (token, _) in Self.draw(40_000, Self.logits, options, recent: recent) { drawn[Int(token)] += 1 }
    expectDrawn(drawn, from: expected, "\(name)")
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

  /// Suppressed tokens are not drawn, greedily or not, and whatever bias they have; probabilities count them.
  @Test(arguments: [
    options { _ in }, options { $0.temperature = 0 }, options { $0.topK = 1 }, options { $0.mirostat = 2 },
    options { ($0.temperature, $0.logitBias) = (0, [2: 50]) },
    options { ($0.topK, $0.repeatPenalty) = (3, 1.2) },
  ])
  func suppressedTokens(options: SamplingOptions) {
    let suppressed: Set<Token> = [2, 9, 5, 99, -1]
    #expect(!Set(Self.draw(50, Self.logits, options).map(\.token)).isDisjoint(with: suppressed))
    let drawn = Self.draw(300, Self.logits, options, recent: [2, 2, 9], suppressed: suppressed)
    #expect(Set(drawn.map(\.token)).isDisjoint(with: suppressed))
    let total = log(Self.logits.reduce(0.0) { $0 + exp(Double($1)) })
    for (token, logProbability) in drawn {
      #expect(abs(Double(logProbability) - (Double(Self.logits[Int(token)]) - total)) < 1e-5)
    }
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
    // By hand: a unit number of the generator times the sum of weights, counted off in the order of tokens.
    var random = SplitMix64(state: 1)
    let expected = (0..<16).map { _ in
      var rest = Double(random.next() >> 11) / 9_007_199_254_740_992
      return Self.logits.indices.first { index in
        rest -= Self.expected(Self.logits, Self.options { _ in })[index]
        return rest < 0
      } ?? Self.logits.count - 1
    }
    #expect(tokens.map(Int.init) == expected)
    let unseeded = (0..<2).map { _ in Self.draw(64, Self.logits, Self.options { $0.seed = nil }).map(\.token)
    }
    #expect(unseeded[0] != unseeded[1])
  }

  /// Computed apart from the program, with another language's own exp: the default chain, the likeliest
  /// first.
  @Test func aSeedDrawsTheseTokensEverywhere() {
    var options = SamplingOptions()
    options.seed = 42
    #expect(
      Self.draw(24, Self.logits, options).map(\.token) == [
        0, 2, 9, 9, 2, 11, 2, 0, 9, 5, 2, 9, 9, 9, 5, 2, 2, 9, 2, 5, 3, 2, 5, 5,
      ])
  }

  @Test(arguments: [
    options { $0.minP = 2 }, options { $0.topP = 0 }, options { $0.topP = -1 },
    options { $0.temperature = -1 },
    options { $0.temperature = .nan }, options { $0.temperature = 1e-38 }, options { $0.topK = -5 },
    options { $0.repeatPenalty = 0 }, options { $0.repeatPenalty = -1 }, options { $0.repeatWindow = -1 },
    options { $0.repeatPenalty = .infinity }, options { $0.temperature = .infinity },
    options { $0.typicalP = -1 }, options { $0.topNSigma = .nan }, options { $0.topNSigma = .infinity },
    options { ($0.xtcProbability, $0.xtcThreshold) = (1, -1) },
    options { ($0.xtcProbability, $0.xtcThreshold) = (.nan, .nan) },
    options { ($0.minKeep, $0.minP) = (-4, 0.9) }, options { ($0.minKeep, $0.topP) = (1000, 0.1) },
    options { $0.logitBias = [3: .infinity, 4: .infinity] },
    options { $0.logitBias = Dictionary(uniqueKeysWithValues: (0..<12).map { ($0, -.infinity) }) },
    options { ($0.dryMultiplier, $0.dryAllowedLength) = (100, -1) },
    options { ($0.dryMultiplier, $0.dryBase, $0.dryAllowedLength) = (100, 100, 0) },
    options { ($0.mirostat, $0.mirostatTau) = (1, 0) }, options { ($0.mirostat, $0.mirostatTau) = (2, 0) },
    options { ($0.mirostat, $0.mirostatEta) = (1, 1000) },
    options { ($0.mirostat, $0.mirostatEta) = (2, .nan) },
    options { ($0.mirostat, $0.temperature) = (1, 1e-30) },
    options { ($0.mirostat, $0.mirostatTau) = (1, 100) },
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
    let all = Self.options {
      ($0.topNSigma, $0.typicalP, $0.topP, $0.minP, $0.xtcProbability) = (1, 0.9, 0.9, 0.1, 1)
      ($0.repeatPenalty, $0.dryMultiplier) = (1.1, 1)
    }
    for options in [
      Self.options { _ in }, Self.options { $0.temperature = 0 }, SamplingOptions(), all,
      Self.options { $0.mirostat = 1 }, Self.options { $0.mirostat = 2 },
    ] {
      for (token, _) in Self.draw(20, logits, options) { #expect(logits.indices.contains(Int(token))) }
    }
    if logits == [-.infinity, 3] {
      #expect(Self.draw(20, logits, Self.options { _ in }).allSatisfy { $0.token == 1 })
    }
  }
}
