import Foundation
import TestModels
import Testing
import Tokenization

@testable import Inference

/// Probes of small models, against the reference's plain loops.
@Suite(.serialized) struct ProbeTests {
  static let tokens = {
    var random = SeededGenerator(seed: 12)
    return TinyModelTests.randomTokens(40, using: &random)
  }()

  /// A context that has read the tokens under a plan, and the reference's stream.
  private func withContext(
    _ architecture: String, _ plan: Plan = .baseline,
    _ body: (InferenceContext, ReferenceModel, ReferenceModel.Output) throws -> Void
  ) throws {
    try TinyModel.named(architecture).withFile { path in
      let reference = try ReferenceModel(path: path)
      let context = try InferenceContext(
        Model(path: path), plan: plan, threads: 2, context: 64, keepsStream: true)
      try context.read(Self.tokens)
      try body(context, reference, reference.read(Self.tokens.map(Int.init), dropping: plan.drop))
    }
  }

  private static let plans: [Plan] = {
    var dropped = Plan()
    dropped.drop.attention = [1]
    dropped.drop.mlp = [2]
    return [.baseline, dropped]
  }()

  @Test(arguments: TinyModel.architectures, plans)
  func streamSimilarity(architecture: String, plan: Plan) throws {
    try withContext(architecture, plan) { context, _, expected in
      let report = try context.report(of: .streamSimilarity)
      guard case .streamSimilarity(let similarity) = report.content else { throw Missing() }
      #expect(report.tokens.count == 40 && report.fraction == 1 && similarity.tokens == 40)
      for (i, a) in expected.stream.enumerated() {
        for (j, b) in expected.stream.enumerated() {
          let mean = a.cosines(b).reduce(0, +) / 40
          #expect(abs(Double(similarity.cosines[i][j]) - mean) < 1e-3, "\(i) × \(j)")
        }
      }
      #expect(similarity.cosines.count == expected.stream.count)
    }
  }

  @Test(arguments: TinyModel.architectures, plans)
  func lens(architecture: String, plan: Plan) throws {
    try withContext(architecture, plan) { context, reference, expected in
      let report = try context.report(of: .lens)
      guard case .lens(let lens) = report.content else { throw Missing() }
      #expect(lens.columns.count == 40 && lens.places == expected.stream.count && report.fraction == 1)
      let tokenizer = context.model.tokenizer
      for (place, stream) in expected.stream.enumerated() {
        let logProbabilities = reference.logProbabilities(stream)
        for t in 0..<40 {
          let guess = try #require(lens.columns[t]?[place])
          let likeliest = logProbabilities[t].indices.max {
            logProbabilities[t][$0] < logProbabilities[t][$1]
          }!
          #expect(abs(guess.probability - exp(logProbabilities[t][likeliest])) < 5e-3)
          // Neighbours closer than the engine is exact may change places.
          let said = logProbabilities[t].indices.filter { tokenizer.text(of: Token($0)) == guess.text }
          #expect(said.contains { logProbabilities[t][$0] > logProbabilities[t][likeliest] - 5e-3 })
        }
      }
    }
  }

  /// Between attention and MLP too: the guess, the five likeliest, the rank and probability of the final token.
  @Test(arguments: TinyModel.architectures, plans + [Plan.with { $0.drop[heads: 1] = [0] }])
  func lensBySublayer(architecture: String, plan: Plan) throws {
    try withContext(architecture, plan) { context, reference, expected in
      let report = try context.lensWithCandidates()
      guard case .lens(let lens) = report.content else { throw Missing() }
      let layers = context.model.shape.layers
      #expect(lens.isBySublayer && lens.places == 2 * layers + 1 && lens.columns.count == 40)
      let final = reference.logProbabilities(expected.stream[layers])
      for place in 0..<lens.places {
        let stream = place % 2 == 0 ? expected.stream[place / 2] : expected.between[place / 2]
        let own = reference.logProbabilities(stream)
        for t in 0..<40 {
          let guess = try #require(lens.columns[t]?[place]), row = own[t]
          let candidates = try #require(lens.likeliest[t]?[place])
          #expect(candidates.count == 5 && candidates[0].text == guess.text)
          #expect(candidates.map(\.probability) == candidates.map(\.probability).sorted(by: >))
          let sorted = row.sorted(by: >)
          for (candidate, expected) in zip(candidates, sorted) {
            #expect(abs(candidate.probability - exp(row[candidate.id])) < 5e-3)
            #expect(abs(row[candidate.id] - expected) < 2e-2)
          }
          let last = try #require(lens.likeliest[t]?.last?.first?.id)
          #expect(final[t][last] > final[t].max()! - 5e-3)
          #expect(abs(guess.finalProbability - exp(row[last])) < 5e-3)
          // Neighbours closer than the engine is exact may change places.
          #expect(guess.finalRank > row.count { $0 > row[last] + 2e-2 })
          #expect(guess.finalRank <= row.count { $0 > row[last] - 2e-2 })
        }
      }
    }
  }

  /// Places that both lenses have say the same, to the bit, and looking between sublayers leaves the keys alone.
  @Test(arguments: TinyModel.architectures)
  func bothLensesAgree(architecture: String) throws {
    try withContext(architecture) { context, _, _ in
      guard case .lens(let between) = try context.report(of: .sublayerLens).content,
        case .lens(let lens) = try context.report(of: .lens).content
      else { throw Missing() }
      for (column, other) in zip(lens.columns, between.columns) {
        let column = try #require(column), other = try #require(other)
        #expect(column == stride(from: 0, to: other.count, by: 2).map { other[$0] })
      }
      #expect(lens.likeliest.keys.sorted() == [39] && lens.likeliest[39]?.count == lens.places)
    }
  }

  /// A head's words are those of its row through the final norm, with the divisor that the whole stream has.
  @Test(arguments: TinyModel.architectures)
  func writing(architecture: String) throws {
    try withContext(architecture) { context, reference, expected in
      let layers = context.model.shape.layers
      for layer in [0, layers / 2, layers - 1] {
        for head in 0..<reference.sizes.heads {
          let all = reference.logits(
            ofHead: head, layer: layer, expected.stream[layer], end: expected.stream[layers])
          for t in [0, 7, 39] {
            let writing = try #require(context.writing(ofHead: head, layer: layer, at: t))
            let mean = all[t].reduce(0, +) / Float(all.width), largest = all[t].map { abs($0 - mean) }.max()!
            let limit = 0.03 * largest + 1e-4
            #expect(writing.position == t && writing.promoted.count == 5 && writing.suppressed.count == 5)
            for (word, expected) in zip(writing.promoted, all[t].sorted(by: >)) {
              #expect(abs(word.change - (all[t][word.id] - mean)) < limit)
              #expect(abs(word.change - (expected - mean)) < limit)
            }
            for (word, expected) in zip(writing.suppressed, all[t].sorted()) {
              #expect(abs(word.change - (all[t][word.id] - mean)) < limit)
              #expect(abs(word.change - (expected - mean)) < limit)
            }
          }
        }
      }
      #expect(context.writing(ofHead: 99, layer: 0, at: 0) == nil)
      #expect(context.writing(ofHead: 0, layer: 0, at: 40) == nil)
    }
  }

  /// After the last layer the lens says what the model says, to the bit.
  @Test(arguments: TinyModel.architectures)
  func lensAtTheEnd(architecture: String) throws {
    try withContext(architecture) { context, _, _ in
      guard case .lens(let lens) = try context.report(of: .lens).content else { throw Missing() }
      var index = 0
      try context.readAll(Self.tokens) { _, logits in
        let distribution = LogDistribution(logits, kernels: context.kernels)
        let guess = lens.columns[index]?.last
        #expect(guess?.probability == exp(distribution[distribution.likeliest]))
        #expect(guess?.text == context.model.tokenizer.text(of: distribution.likeliest))
        index += 1
      }
      #expect(index == 40)
    }
  }

  /// Rows sum to 1 and are the plain computation's, also within windows and under caps.
  @Test(arguments: TinyModel.architectures)
  func attention(architecture: String) throws {
    try withContext(architecture) { context, reference, expected in
      for layer in 0..<context.model.shape.layers {
        for head in 0..<reference.sizes.heads {
          let report = try context.report(of: .attention(layer: layer, head: head))
          guard case .attention(let pattern) = report.content else { throw Missing() }
          #expect(pattern.heads == reference.sizes.heads && pattern.rows.count == 40 && report.fraction == 1)
          let weights = reference.attentionWeights(expected.stream[layer], layer: layer, head: head)
          for (row, expected) in zip(pattern.rows, weights) {
            let row = try #require(row)
            #expect(abs(row.weights.reduce(0, +) - 1) < 1e-5)
            #expect(row.first == expected.first && row.weights.count == expected.weights.count)
            let worst = zip(row.weights, expected.weights).map { abs(Double($0) - $1) }.max()!
            #expect(worst < 0.03, "layer \(layer), head \(head)")
          }
        }
      }
    }
  }

  /// Means over all tokens of what the heads' weights say.
  @Test(arguments: TinyModel.architectures)
  func heads(architecture: String) throws {
    try withContext(architecture) { context, reference, expected in
      guard case .heads(let summary) = try context.report(of: .heads).content else { throw Missing() }
      #expect(summary.tokens == 40 && summary.layers.count == context.model.shape.layers)
      for (layer, figures) in summary.layers.enumerated() {
        #expect(figures.count == reference.sizes.heads)
        for (head, figures) in figures.enumerated() {
          let weights = reference.attentionWeights(expected.stream[layer], layer: layer, head: head)
          var entropy = 0.0, distance = 0.0, first = 0.0
          for (t, row) in weights.enumerated() {
            for (index, weight) in row.weights.enumerated() where weight > 0 {
              entropy -= weight * log(weight) / 40
              distance += weight * Double(t - row.first - index) / 40
            }
            first += row.first == 0 ? row.weights[0] / 40 : 0
          }
          #expect(abs(Double(figures.entropy) - entropy) < 2e-3)
          #expect(abs(Double(figures.distance) - distance) < 0.03)
          #expect(abs(Double(figures.first) - first) < 1e-3)
          #expect(figures.output > 0 && figures.output.isFinite)
        }
      }
    }
  }

  @Test func layersWithoutAttention() throws {
    try withContext("llama", Self.plans[1]) { context, _, _ in
      guard case .attention(let pattern) = try context.report(of: .attention(layer: 1, head: 0)).content,
        case .heads(let summary) = try context.report(of: .heads).content
      else { throw Missing() }
      #expect(pattern.heads == 0 && pattern.rows.isEmpty)
      #expect(summary.layers.map(\.count) == [4, 0, 4, 4, 4])
      for probe in [Probe.attention(layer: 99, head: 0), .attention(layer: 0, head: 99)] {
        guard case .attention(let pattern) = try context.report(of: probe).content else { throw Missing() }
        #expect(pattern.rows.allSatisfy { $0 == nil })
      }
    }
  }

  static let probes: [Probe] = [
    .streamSimilarity, .lens, .sublayerLens, .attention(layer: 2, head: 1), .heads, .norms, .weights,
  ]

  /// Looking changes nothing: the next logits have the same bits.
  @Test(arguments: probes)
  func probingLeavesNoTrace(_ probe: Probe) throws {
    try TinyModel.gemma3().withFile { path in
      let model = try Model(path: path)
      let plain = try InferenceContext(model, threads: 2, context: 64)
      let probed = try InferenceContext(model, threads: 2, context: 64, keepsStream: true)
      try plain.read(Array(Self.tokens.prefix(20)))
      try probed.read(Array(Self.tokens.prefix(20)))
      for token in Self.tokens.dropFirst(20) {
        _ = try probed.report(of: probe)
        #expect(differences(Array(try plain.append(token)), Array(try probed.append(token))) == 0)
      }
    }
  }

  /// A text that grows past what is looked at has fewer positions looked at; until they are, the last figures
  /// stay.
  @Test func headsStayWhenAStepDoubles() throws {
    try TinyModel.gemma3().withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 2, context: 256, keepsStream: true)
      var computation = Probe.heads.computation(context)
      func summary() throws -> HeadSummary {
        guard case .heads(let summary) = computation.content(context) else { throw Missing() }
        return summary
      }
      try context.read((0..<128).map { Self.tokens[$0 % Self.tokens.count] })
      while computation.advance(context, focus: nil) {}
      let before = try summary()
      #expect(before.tokens == 64)
      for token in Self.tokens.prefix(2) { _ = try context.append(token) }
      let isWorking = computation.advance(context, focus: nil)
      #expect(isWorking)
      let between = try summary()
      #expect(between.layers[1] == before.layers[1] && between.tokens == 16)
      while computation.advance(context, focus: nil) {}
      #expect(try summary().tokens == 32)
      let fresh = try context.report(of: .heads).content
      #expect(fresh == computation.content(context))
      computation.keep(first: 100)
      #expect(try summary().tokens == 0)
    }
  }

  struct Missing: Error {}
}

/// Errors of encoded weights, against the values that the packed matrices stand for.
@Suite struct WeightProbeTests {
  @Test(arguments: ["8", "3", "2"], [false, true])
  func errors(_ width: String, rotates: Bool) throws {
    try TinyModel.llama().withFile { path in
      var plan = Plan()
      plan.bits.default = try #require(BitWidth(rawValue: width))
      plan.bits.layers[2] = .native
      plan.rotate = rotates
      plan.drop.attention = [3]
      let context = try InferenceContext(Model(path: path), plan: plan, threads: 2, context: 64)
      let report = try context.report(of: .weights)
      guard case .weights(let summary) = report.content else { throw ProbeTests.Missing() }
      #expect(report.fraction == 1 && summary.layers.count == 5)
      let expected: ClosedRange<Float> = ["8": 0...0.012, "3": 0.05...0.3, "2": 0.15...0.6][width]!
      for (layer, matrices) in summary.layers.enumerated() {
        for (role, matrix) in zip(WeightSummary.Role.allCases, matrices) {
          let isDropped = layer == 3 && role.rawValue < 4
          #expect((matrix == nil) == isDropped)
          guard let matrix else { continue }
          let error = try #require(matrix.error)
          if layer == 2 {
            #expect(rotates ? error < 0.001 : error == 0, "\(role)")
          } else {
            #expect(expected.contains(error), "\(role) of layer \(layer): \(error)")
          }
          #expect(matrix.bits > 2 && matrix.bits < (layer == 2 ? 17 : 10))
        }
      }
      #expect(summary.head.flatMap(\.error).map(expected.contains) == true)
    }
  }

  /// The estimate against every value of the matrix.
  @Test func estimatesAreGood() throws {
    try TinyModel.llama().withFile { path in
      let model = try Model(path: path)
      var plan = Plan()
      plan.bits.default = .three
      let context = try InferenceContext(model, plan: plan, threads: 2, context: 64)
      guard case .weights(let summary) = try context.report(of: .weights).content else {
        throw ProbeTests.Missing()
      }
      for (layer, matrices) in context.weights.layers.indices.map({ layer in
        (layer, [Weights.Place.Role.query, .key, .value, .attentionOutput, .gate, .up, .down])
      }) {
        for (index, role) in matrices.enumerated() {
          let matrix = try #require(context.weights.matrices[Weights.Place(layer: layer, role: role)])
          var errors = 0.0, squares = 0.0
          for (row, values) in matrix.values.enumerated() {
            var source = [Float](repeating: 0, count: matrix.columns)
            source.withUnsafeMutableBufferPointer { matrix.sourceRow(row, into: $0) }
            for (value, source) in zip(values, source) {
              errors += Double(value - source) * Double(value - source)
              squares += Double(source) * Double(source)
            }
          }
          let exact = (errors / squares).squareRoot()
          let estimate = Double(try #require(summary.layers[layer][index]?.error))
          #expect(abs(estimate / exact - 1) < 0.15, "\(role): \(estimate) for \(exact)")
        }
      }
    }
  }
}
