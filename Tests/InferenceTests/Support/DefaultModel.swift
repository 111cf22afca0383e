import Foundation
import Inference
import Testing
import Tokenization

/// The model that the set-up fetches.
enum DefaultModel {
  static let path: String = {
    let environment = ProcessInfo.processInfo.environment
    let data = environment["XDG_DATA_HOME"] ?? NSHomeDirectory() + "/.local/share"
    let folder = environment["PARE_MODELS"] ?? data + "/pare/models"
    return folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"
  }()

  static let model: Model = try! Model(path: path)

  /// The reference's tokens.
  static let tokens = Reference.shared.ids.map(Token.init)

  /// What the engine says of them, read in one go under the baseline.
  static let baseline: (logits: [[Float]], similarity: SimilarityReport) = {
    let context = try! InferenceContext(model, context: 256, recordsSimilarity: true)
    return (try! context.allLogits(tokens), context.similarity()!)
  }()
}

/// Tests that compute with the default model: one after the other, since each keeps all processors busy.
@Suite(.serialized) enum DefaultModelTests {}
