import Foundation
import Inference
import TestModels

/// The results of an independent computation for the first 256 tokens of `encyclopaedia.txt`
/// (see make_reference.py beside the fixtures).
struct Reference: Decodable, Sendable {
  var ids: [Int]
  /// Of `ids[i + 1]`, given all before, in nats.
  var logprob: [Double]
  /// After each token, in nats.
  var entropy: [Double]
  /// Means over the tokens, one for each layer.
  var similarity: Similarity
  /// The same with sublayers left out.
  var dropped: Dropped
  /// The likeliest tokens after each.
  var top: [[Int]]
  var topLogprob: [[Double]]
  /// Positions whose whole distributions are in `distributions.u16`.
  var distributions: [Int]

  struct Similarity: Decodable, Sendable { var attention, mlp, block: [Double] }
  struct Dropped: Decodable, Sendable {
    var plan: Plan
    var logprob: [Double]
  }

  static let shared: Reference = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try! decoder.decode(Reference.self, from: data("reference.json"))
  }()

  /// Log-probabilities of the whole vocabulary at each of `distributions`.
  static let fullDistributions: [[Double]] = {
    let steps = data("distributions.u16").withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) }
    let vocabulary = steps.count / shared.distributions.count
    return stride(from: 0, to: steps.count, by: vocabulary).map { start in
      steps[start..<start + vocabulary].map { -Double(UInt16(littleEndian: $0)) * 0x1p-10 }
    }
  }()

  /// The whole text that the tokens are from.
  static let text = String(decoding: data("encyclopaedia.txt"), as: UTF8.self)

  private static func data(_ name: String) -> Data {
    try! Data(contentsOf: Bundle.module.resourceURL!.appendingPathComponent("Fixtures/\(name)"))
  }

  /// The results of ``ReferenceModel`` for the same tokens: whole distributions, for true KL.
  static let model: ReferenceModel.Output = try! ReferenceModel(path: DefaultModel.path).read(shared.ids)
}
