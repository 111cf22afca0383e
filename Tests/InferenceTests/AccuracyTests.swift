import Foundation
import Inference
import Testing
import Tokenization

extension DefaultModelTests {
  /// The engine against the independent computation of the same weights.
  @Suite struct AccuracyTests {
    let reference = Reference.shared
    let ids = Reference.shared.ids.map(Token.init)

    @Test(arguments: [false, true])
    func divergesLittle(tokenByToken: Bool) throws {
      let context = try InferenceContext(DefaultModel.model, context: 256)
      let logits = tokenByToken ? try ids.map { Array(try context.append($0)) } : try context.allLogits(ids)
      let distributions = logits.map { logSoftmax($0) }
      let divergences = distributions.enumerated().map {
        divergence(Reference.model.logProbabilities[$0.offset], $0.element)
      }
      let mean = divergences.reduce(0, +) / Double(ids.count)
      print("mean KL(reference ‖ engine) \(mean), largest \(divergences.max()!)")
      #expect(abs(mean) <= 1e-4)
    }
  }
}
