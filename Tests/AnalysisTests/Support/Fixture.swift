import Foundation
import Inference
import TestModels
import Tokenization

/// The results of the independent computation beside the engine's tests for 256 tokens of the default model.
struct Fixture: Decodable, Sendable {
  var ids: [Token]
  var logprob: [Double]
  var similarity: Similarity
  var dropped: Dropped
  var damage: [SingleDrop]
  var top: [[Token]]
  var topLogprob: [[Double]]

  struct Similarity: Decodable, Sendable { var attention, mlp, block: [Double] }
  struct Dropped: Decodable, Sendable {
    var plan: Plan
    var logprob: [Double]
  }

  struct SingleDrop: Decodable, Sendable {
    var part: Part
    var layer: Int
    var kl, perplexity, sameTop: Double
  }

  static let shared: Fixture = {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data = try! Data(contentsOf: tests.appending(path: "InferenceTests/Fixtures/reference.json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try! decoder.decode(Fixture.self, from: data)
  }()

  static let model = DefaultModel.model

  static func context(_ plan: Plan = .baseline, recordsSimilarity: Bool = false) throws -> InferenceContext {
    try InferenceContext(model, plan: plan, context: 256, recordsSimilarity: recordsSimilarity)
  }
}
