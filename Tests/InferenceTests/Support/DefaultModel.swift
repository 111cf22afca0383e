import Foundation
import Inference
import ModelFiles
import TestModels
import Testing
import Tokenization

extension DefaultModel {
  /// The reference's tokens.
  static let tokens = Reference.shared.ids.map(Token.init)

  /// The engine's results for them, read in one go under the baseline.
  static let baseline: (logits: [[Float]], similarity: SimilarityReport) = {
    let context = try! InferenceContext(model, context: 256, recordsSimilarity: true)
    return (try! context.allLogits(tokens), context.similarity()!)
  }()
}

/// Tests that compute with the default model: one after the other, since each keeps all processors busy.
@Suite(.serialized, .enabled(if: ModelFiles.areThere)) enum DefaultModelTests {}
