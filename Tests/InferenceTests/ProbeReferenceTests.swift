import Foundation
import Inference
import TestModels
import Testing
import Tokenization

/// Values inside the default model, computed by numpy in double precision; see make_reference.py beside the
/// fixtures.
private struct ProbeReference: Decodable, Sendable {
  var stream: [[Double]]
  var positions: [Int]
  var lens: Lens
  var attention: [Attention]
  var heads: [Heads]
  var norms: Norms

  struct Lens: Decodable { var token: [[Token]], logprob: [[Double]] }
  struct Attention: Decodable { var layer, head, position: Int, weights: [Double] }
  struct Heads: Decodable { var layer: Int, entropy, distance, first, output: [Double] }
  struct Norms: Decodable { var attention, mlp, stream: [[Double]] }

  static let shared: ProbeReference = {
    let url = Bundle.module.resourceURL!.appendingPathComponent("Fixtures/probes.json")
    return try! JSONDecoder().decode(ProbeReference.self, from: Data(contentsOf: url))
  }()
}

extension DefaultModelTests {
  @Suite(.serialized) struct ProbeReferenceTests {
    private let expected = ProbeReference.shared

    private func content(_ probe: Probe) throws -> ProbeReport.Content {
      let context = try InferenceContext(
        DefaultModel.model, context: 256, recordsSimilarity: true, keepsStream: true)
      try context.read(DefaultModel.tokens)
      return try context.report(of: probe).content
    }

    @Test func streamSimilarity() throws {
      guard case .streamSimilarity(let actual) = try content(.streamSimilarity) else { throw Missing() }
      #expect(actual.cosines.count == 31)
      for (actual, expected) in zip(actual.cosines.joined(), expected.stream.joined()) {
        #expect(abs(Double(actual) - expected) < 0.002)
      }
    }

    @Test func lens() throws {
      guard case .lens(let actual) = try content(.lens) else { throw Missing() }
      var same = 0
      for (place, logprob) in expected.lens.logprob.enumerated() {
        for (index, position) in expected.positions.enumerated() {
          let guess = try #require(actual.columns[position]?[place])
          #expect(abs(Double(guess.probability) - exp(logprob[index])) < 0.01, "place \(place), \(position)")
          let text = DefaultModel.model.tokenizer.text(of: expected.lens.token[place][index])
          same += guess.text == text ? 1 : 0
        }
      }
      // Words that are all but equally likely may change places.
      #expect(same >= 31 * 5 - 2)
    }

    @Test(arguments: ProbeReference.shared.attention.indices)
    func attention(_ index: Int) throws {
      let expected = expected.attention[index]
      let probe = Probe.attention(layer: expected.layer, head: expected.head)
      guard case .attention(let actual) = try content(probe) else { throw Missing() }
      let row = try #require(actual.rows[expected.position])
      #expect(row.first == 0 && row.weights.count == expected.position + 1)
      let worst = zip(row.weights, expected.weights).map { abs(Double($0) - $1) }.max()!
      #expect(worst < 0.002, "layer \(expected.layer)")
    }

    @Test func heads() throws {
      guard case .heads(let actual) = try content(.heads) else { throw Missing() }
      #expect(actual.tokens == 64)
      for expected in expected.heads {
        for (head, figures) in actual.layers[expected.layer].enumerated() {
          #expect(abs(Double(figures.entropy) - expected.entropy[head]) < 0.002)
          #expect(abs(Double(figures.distance) - expected.distance[head]) < 0.05)
          #expect(abs(Double(figures.first) - expected.first[head]) < 0.002)
          #expect(abs(Double(figures.output) / expected.output[head] - 1) < 0.005)
        }
      }
    }

    @Test func norms() throws {
      guard case .norms(let actual) = try content(.norms) else { throw Missing() }
      for layer in 0..<30 {
        for (index, position) in expected.positions.enumerated() {
          for (actual, expected) in [
            (actual.attention[layer], expected.norms.attention), (actual.mlp[layer], expected.norms.mlp),
            (actual.stream[layer + 1], expected.norms.stream),
          ] {
            let ratio = Double(actual[position]) / expected[layer][index]
            #expect(abs(ratio - 1) < 0.01, "layer \(layer), position \(position)")
          }
        }
      }
    }

    struct Missing: Error {}
  }
}
