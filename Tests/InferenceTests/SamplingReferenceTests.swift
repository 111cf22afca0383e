import Foundation
import ModelFiles
import TestModels
import Testing
import Tokenization

@testable import Inference

/// The chain against llama.cpp's own steps (see make_sampling.py beside the fixtures).
@Suite struct SamplingReferenceTests {
  private struct Reference: Decodable {
    var cases: [Case]
    var dry: [DRYCase]
    struct Case: Decodable {
      var options: [String: Float]
      var logits: [Float]
      var recent: [Token]
      /// Logits by token.
      var kept: [String: Float]
    }
    struct DRYCase: Decodable {
      var options: [String: Float]
      var recent: [Token]
      var penalties: [String: Float]
    }
  }

  private static let reference: Reference = {
    let url = Bundle.module.resourceURL!.appendingPathComponent("Fixtures/sampling.json")
    return try! JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
  }()

  private static func sampling(_ values: [String: Float]) throws -> SamplingOptions {
    var options = SamplerTests.options { _ in }
    for (key, value) in values {
      try SamplingOption.named(key).set(Int(exactly: value).map(String.init) ?? "\(value)", in: &options)
    }
    return options
  }

  @Test func stepsKeepTheSameTokens() throws {
    for expected in Self.reference.cases {
      var sampler = Sampler(try Self.sampling(expected.options))
      let (drawn, _) = DivergenceTests.distribution(expected.logits) {
        sampler.next($0, recent: expected.recent[...])
      }
      let kept = Dictionary(uniqueKeysWithValues: sampler.candidates.list.map { ("\($0.token)", $0.logit) })
      #expect(kept.keys.sorted() == expected.kept.keys.sorted(), "\(expected.options)")
      for (token, logit) in expected.kept { #expect(abs((kept[token] ?? .nan) - logit) < 1e-5) }
      #expect(expected.kept["\(drawn)"] != nil)
    }
  }

  @Test(.enabled(if: ModelFiles.areThere)) func dryTakesTheSame() throws {
    let tokenizer = DefaultModel.model.tokenizer
    for expected in Self.reference.dry {
      var dry = DRY(try Self.sampling(expected.options)) { tokenizer.piece($0, special: true) }
      var logits = [Float](repeating: 0, count: 400)
      logits.withUnsafeMutableBufferPointer { dry.apply(to: $0, recent: expected.recent[...]) }
      let actual = Dictionary(
        uniqueKeysWithValues: logits.enumerated().filter { $1 != 0 }.map { ("\($0)", -$1) })
      #expect(actual.keys.sorted() == expected.penalties.keys.sorted(), "\(expected)")
      for (token, penalty) in expected.penalties {
        #expect(abs((actual[token] ?? .nan) / penalty - 1) < 1e-5)
      }
    }
  }
}
