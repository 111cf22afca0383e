import Foundation
import TestModels
import Testing
import Tokenization

@testable import Inference

/// What is noted of a draw, against plain computations in f64.
@Suite struct TokenDrawTests {
  /// A vocabulary of 300 with a few likely tokens.
  private static func logits(_ seed: UInt64) -> [Float] {
    var random = SeededGenerator(seed: seed)
    return random.gaussians(300, scale: 2.5)
  }

  private static func logSoftmax(_ logits: [Float]) -> [Double] {
    let values = logits.map(Double.init), peak = values.max()!
    let total = peak + log(values.reduce(0) { $0 + exp($1 - peak) })
    return values.map { $0 - total }
  }

  private static func options(_ change: (inout SamplingOptions) -> Void) -> SamplingOptions {
    SamplerTests.options(change)
  }

  static let chains: [(String, SamplingOptions)] = [
    ("plain", options { _ in }),
    ("greedy", options { $0.temperature = 0 }),
    ("standard", options { ($0.topK, $0.topP, $0.minP, $0.temperature) = (40, 0.95, 0.05, 0.8) }),
    ("narrow", options { ($0.topK, $0.topP, $0.temperature) = (3, 0.9, 1.7) }),
    ("sigma", options { ($0.topNSigma, $0.topK) = (1.2, 50) }),
    ("typical", options { ($0.typicalP, $0.minP) = (0.6, 0.02) }),
    ("xtc", options { ($0.xtcProbability, $0.xtcThreshold, $0.topK) = (1, 0.04, 60) }),
    (
      "penalties",
      options {
        ($0.repeatPenalty, $0.frequencyPenalty, $0.presencePenalty) = (1.3, 0.4, 0.2)
        ($0.topK, $0.temperature) = (30, 0.6)
        $0.logitBias = [7: 3, 11: -.infinity]
      }
    ),
    (
      "dry, greedy",
      options { ($0.dryMultiplier, $0.dryAllowedLength, $0.temperature) = (2, 1, 0) }
    ),
    ("mirostat 1", options { ($0.mirostat, $0.mirostatTau) = (1, 2) }),
    ("mirostat 2", options { ($0.mirostat, $0.mirostatTau, $0.temperature) = (2, 2, 1.3) }),
  ]

  /// The probabilities before the sampler, rank and entropy are those of the softmax.
  @Test(arguments: chains.indices) func beforeTheSampler(chain: Int) {
    let (name, options) = Self.chains[chain]
    for seed in 0..<20 as Range<UInt64> {
      let logits = Self.logits(seed), expected = Self.logSoftmax(logits)
      let order = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
      let (drawn, draw) = draw(logits, options)
      #expect(abs(exp(Double(draw.logProbability)) - exp(expected[Int(drawn.token)])) < 1e-6, "\(name)")
      #expect(draw.logProbability == min(0, drawn.logProbability))
      #expect(draw.rank == order.firstIndex(of: Int(drawn.token))! + 1, "\(name)")
      let entropy = expected.reduce(0) { $0 - exp($1) * $1 }
      #expect(abs(Double(draw.entropy) - entropy) < 1e-4)
      #expect(draw.candidates.map { Int($0.token) } == Array(order.prefix(10)), "\(name)")
      for candidate in draw.candidates {
        #expect(abs(exp(Double(candidate.logProbability)) - exp(expected[Int(candidate.token)])) < 1e-6)
      }
    }
  }

  private static let recent: [Token] = [3, 7, 9, 3, 7, 9, 3, 7]

  private func draw(
    _ logits: [Float], _ options: SamplingOptions, keeps count: Int = TokenDraw.standardCount
  ) -> ((token: Token, logProbability: Float), TokenDraw) {
    var sampler = Sampler(options, keeps: count)
    return DivergenceTests.distribution(logits) {
      let drawn = sampler.next($0, recent: Self.recent[...])
      return (drawn, sampler.lastDraw)
    }
  }

  /// Each step's column is the softmax over what a plain computation leaves, and the last is what was drawn from.
  @Test(arguments: chains.indices) func afterEachStep(chain: Int) throws {
    let (name, options) = Self.chains[chain]
    for seed in 0..<20 as Range<UInt64> {
      let logits = Self.logits(seed)
      let (drawn, draw) = draw(logits, options)
      let reference = PlainChain(logits, options, recent: Self.recent)
      for (index, step) in draw.steps.enumerated() {
        // Mirostat's bound depends on its state; its own survivors are checked by the probabilities alone.
        guard let state = reference.states.last(where: { $0.kind == step.kind }) else { continue }
        for (place, candidate) in draw.candidates.enumerated() {
          let shown = draw.probability(of: place, after: index, temperature: options.temperature)
          let expected = state.probability(Int(candidate.token), drawn: Int(drawn.token))
          #expect(
            abs((shown ?? 0) - expected) < 1e-5, "\(name), seed \(seed), \(step.kind), candidate \(place)")
          #expect((shown == nil) == (expected == 0) || expected < 1e-12 || step.kind == .temperature)
        }
      }
      // Steps that are not noted did nothing.
      for state in reference.states where !draw.steps.contains(where: { $0.kind == state.kind }) {
        #expect(state.didNothing, "\(name), seed \(seed): \(state.kind)")
      }
      if draw.rank <= draw.candidates.count {
        let after = draw.probabilityAfter(of: draw.rank - 1, temperature: options.temperature)
        #expect(abs(after - Double(draw.probability)) < 1e-5, "\(name)")
      }
    }
  }

  /// What is kept has no say in what is drawn.
  @Test(arguments: chains.indices) func theNumberOfCandidatesChangesNothing(chain: Int) {
    let draws = [0, 1, 10, 20].map { count in
      let options = Self.chains[chain].1
      return (0..<10 as Range<UInt64>).map { seed in
        let (drawn, draw) = draw(Self.logits(seed), options, keeps: count)
        #expect(draw.candidates.count == count)
        return [drawn.token, Token(draw.rank)]
      }
    }
    #expect(Set(draws).count == 1)
  }

  /// A forced token has the figures of the model, and chance goes on as if it had not come.
  @Test func forced() {
    let logits = Self.logits(1), options = Self.chains[2].1
    var plain = Sampler(options), forcing = Sampler(options)
    DivergenceTests.distribution(logits) { distribution in
      forcing.force(200, distribution)
      let draw = forcing.lastDraw
      #expect(draw.isForced && draw.probability == 1 && draw.steps.isEmpty && draw.candidates.count == 10)
      #expect(abs(Double(draw.logProbability) - Self.logSoftmax(logits)[200]) < 1e-5)
      for _ in 0..<10 {
        #expect(
          plain.next(distribution, recent: []).token == forcing.next(distribution, recent: []).token)
      }
      #expect(!forcing.lastDraw.isForced)
    }
  }

  @Test func entropyOfParts() {
    for count in [1, 7, 2048, 2049, 10_000] {
      var random = SeededGenerator(seed: UInt64(count))
      let logits = random.gaussians(count, scale: 4)
      let expected = Self.logSoftmax(logits).reduce(0) { $0 - exp($1) * $1 }
      let entropy = DivergenceTests.distribution(logits) { Double($0.entropy) }
      #expect(abs(entropy - expected) < 1e-4 * max(1, expected))
    }
    // Parts in which nothing is possible add nothing.
    let some = [Float](repeating: -.infinity, count: 5000) + [1, 1]
    #expect(DivergenceTests.distribution(some) { abs(Double($0.entropy) - log(2.0)) < 1e-6 })
  }

  // MARK: Packing

  @Test(arguments: chains.indices) func packing(chain: Int) throws {
    let options = Self.chains[chain].1
    for seed in 0..<20 as Range<UInt64> {
      let (_, draw) = draw(Self.logits(seed), options)
      let packed = PackedDraw(draw)
      let back = try #require(packed.draw), figures = try #require(packed.figures)
      #expect(back.rank == draw.rank && back.isForced == draw.isForced)
      #expect(figures.rank == draw.rank && figures.probability == back.probability)
      #expect(abs(back.logProbability - draw.logProbability) < 1e-6)
      #expect(abs(back.probability - draw.probability) < 1e-6)
      #expect(abs(back.entropy - draw.entropy) < 2e-4)
      #expect(back.candidates.map(\.token) == draw.candidates.map(\.token))
      #expect(back.candidates.map(\.cut) == draw.candidates.map(\.cut))
      for (a, b) in zip(back.candidates, draw.candidates) {
        #expect(abs(exp(Double(a.logProbability)) - exp(Double(b.logProbability))) < 1e-6)
      }
      #expect(back.steps.map(\.kind) == draw.steps.map(\.kind))
      #expect(back.steps.map(\.left) == draw.steps.map(\.left))
      #expect(back.steps.map(\.changes) == draw.steps.map(\.changes))
      // What was packed once is kept as it is.
      #expect(PackedDraw(back) == packed)
    }
  }

  /// Bytes of a file may be anything.
  @Test func hostileBytes() {
    var random = SeededGenerator(seed: 5)
    let packed = PackedDraw(draw(Self.logits(3), Self.chains[7].1).1).bytes
    for length in 0..<packed.count { _ = PackedDraw(bytes: Array(packed.prefix(length))).draw }
    for _ in 0..<20_000 {
      var bytes = packed
      for _ in 0...random.int(0...3) { bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(0...255)) }
      guard let draw = PackedDraw(bytes: bytes).draw else { continue }
      for candidate in draw.candidates.indices {
        for step in draw.steps.indices { _ = draw.probability(of: candidate, after: step, temperature: 0.7) }
      }
    }
    #expect(PackedDraw(bytes: []).draw == nil && PackedDraw(bytes: []).figures == nil)
    #expect(TokenRecord.unpacked("not Base64 at all") == nil)
    #expect(TokenRecord.unpacked(Data([PackedDraw.version + 1, 0, 0]).base64EncodedString()) == nil)
  }
}

/// The chain in plain steps: what each leaves.
private struct PlainChain {
  struct State {
    var kind: TokenDraw.Kind
    var kept: Set<Int>
    var logits: [Double]
    var temperature: Double
    var didNothing: Bool

    func probability(_ token: Int, drawn: Int) -> Double {
      guard kept.contains(token) else { return 0 }
      guard temperature > 0 else { return token == drawn ? 1 : 0 }
      let peak = kept.map { logits[$0] }.max()!
      let total = kept.reduce(0) { $0 + exp((logits[$1] - peak) / temperature) }
      return exp((logits[token] - peak) / temperature) / total
    }
  }

  private(set) var states: [State] = []

  init(_ raw: [Float], _ options: SamplingOptions, recent: [Token]) {
    var logits = raw.map(Double.init)
    var kept = Set(logits.indices)
    var temperature = 1.0
    func order() -> [Int] { kept.sorted { (-logits[$0], $0) < (-logits[$1], $1) } }
    func share(_ token: Int) -> Double {
      exp(logits[token]) / kept.reduce(0) { $0 + exp(logits[$1]) }
    }
    func note(_ kind: TokenDraw.Kind, _ before: (Set<Int>, [Double], Double)) {
      states.append(
        State(
          kind: kind, kept: kept, logits: logits, temperature: temperature,
          didNothing: before == (kept, logits, temperature)))
    }
    var before: (Set<Int>, [Double], Double) { (kept, logits, temperature) }
    func step(_ kind: TokenDraw.Kind, _ change: () -> Void) {
      let old = before
      change()
      note(kind, old)
    }
    step(.bias) { for (token, bias) in options.logitBias { logits[Int(token)] += Double(bias) } }
    if options.mirostat == 0 {
      step(.penalties) {
        for token in Set(recent) {
          let count = Double(recent.count { $0 == token }), logit = logits[Int(token)]
          logits[Int(token)] =
            (logit > 0 ? logit / Double(options.repeatPenalty) : logit * Double(options.repeatPenalty))
            - count * Double(options.frequencyPenalty) - Double(options.presencePenalty)
        }
      }
      if options.dryMultiplier > 0 {
        step(.dry) {
          // 3 7 9 3 7 9 3 7 | 9 would go on a repetition of five, 7 and 3 none.
          logits[9] -=
            Double(options.dryMultiplier) * pow(Double(options.dryBase), 5 - Double(options.dryAllowedLength))
        }
      }
      if options.topNSigma > 0 {
        step(.topNSigma) {
          let mean = logits.reduce(0, +) / Double(logits.count)
          let sigma = (logits.reduce(0) { $0 + pow($1 - mean, 2) } / Double(logits.count)).squareRoot()
          let peak = logits.max()!
          kept = kept.filter { logits[$0] >= peak - Double(options.topNSigma) * sigma }
        }
      }
      if options.topK > 0 { step(.topK) { kept = Set(order().prefix(options.topK)) } }
      if options.typicalP < 1 {
        step(.typicalP) {
          let entropy = kept.reduce(0) { $0 - share($1) * log(share($1)) }
          var sum = 0.0
          var typical: Set<Int> = []
          for token in kept.sorted(by: { abs(-log(share($0)) - entropy) < abs(-log(share($1)) - entropy) }) {
            typical.insert(token)
            sum += share(token)
            if sum > Double(options.typicalP) { break }
          }
          kept = typical
        }
      }
      if options.topP < 1 {
        step(.topP) {
          var sum = 0.0
          var nucleus: Set<Int> = []
          for token in order() {
            nucleus.insert(token)
            sum += share(token)
            if sum >= Double(options.topP) { break }
          }
          kept = nucleus
        }
      }
      if options.minP > 0 {
        step(.minP) {
          let floor = Double(options.minP) * share(order()[0])
          kept = kept.filter { share($0) >= floor }
        }
      }
      if options.xtcProbability >= 1 {
        step(.xtc) {
          let choices = order().filter { share($0) >= Double(options.xtcThreshold) }
          kept.subtract(choices.dropLast())
        }
      }
    }
    guard options.mirostat == 0 else { return }
    step(.temperature) { temperature = Double(options.temperature) }
  }
}
