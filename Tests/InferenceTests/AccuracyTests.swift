import Foundation
import Inference
import TestModels
import Testing
import Tokenization

extension DefaultModelTests {
  /// The engine against the independent computation of the same weights.
  @Suite struct AccuracyTests {
    let reference = Reference.shared
    let ids = DefaultModel.tokens

    /// 0.002 is what a user may rely on; a tenth of a thousandth of it is what the kernels reach.
    @Test func divergesLittle() {
      let divergences = DefaultModel.baseline.logits.enumerated().map { t, logits in
        divergence(Reference.model.logProbabilities[t], logSoftmax(logits))
      }
      let mean = divergences.reduce(0, +) / Double(ids.count)
      print("mean KL(reference ‖ engine) \(mean) nats a token, the largest \(divergences.max()!)")
      #expect(mean.magnitude < 2e-5)
      #expect(divergences.max()! < 2e-4)
    }

    @Test func tokens() {
      let tokens = DefaultModel.model.tokenizer.encode(Array(Reference.text.utf8))
      #expect(Array(tokens.prefix(256)) == ids)
    }

    @Test func similarities() {
      let report = DefaultModel.baseline.similarity
      let text = report.tokens.joined().replacing("\\n", with: "\n")
      #expect(Reference.text.hasPrefix(text) && report.tokens.count == 256)
      var worst = 0.0
      for (rows, expected) in [
        (report.attention, reference.similarity.attention), (report.mlp, reference.similarity.mlp),
        (report.block, reference.similarity.block),
      ] {
        for (layer, (row, expected)) in zip(rows, expected).enumerated() {
          let mean = row.reduce(0.0) { $0 + Double($1) } / Double(row.count)
          #expect(row.count == 256 && abs(mean - expected) < 0.002, "layer \(layer)")
          worst = max(worst, abs(mean - expected))
        }
      }
      print("similarities differ from the reference's by \(worst) at most")
    }

    @Test func droppedSublayers() throws {
      let context = try InferenceContext(DefaultModel.model, plan: reference.dropped.plan, context: 256)
      let logits = try context.allLogits(ids)
      let errors = reference.dropped.logprob.enumerated().map { t, expected in
        abs(logSoftmax(logits[t])[reference.ids[t + 1]] - expected)
      }
      print("log-probabilities with sublayers dropped differ by \(errors.max()!) at most")
      #expect(errors.max()! < 0.02)
      #expect(errors.reduce(0, +) / Double(errors.count) < 0.002)
    }

    @Test func keysAndValuesInFewerBits() throws {
      let context = try InferenceContext(DefaultModel.model, context: 256)
      let whole = context.figures().kvBytesPerPosition
      // KL bound; bytes of a head's key and value with their scales, 64 columns each.
      for (bits, bound, bytes) in [(8, 0.002, 2 * (64 + 4)), (4, 0.1, 2 * (32 + 4))] {
        var plan = Plan()
        plan.kvBits = bits
        try context.use(plan)
        let logits = try context.allLogits(ids)
        let divergences = logits.enumerated().map { t, logits in
          divergence(Reference.model.logProbabilities[t], logSoftmax(logits))
        }
        let mean = divergences.reduce(0, +) / Double(ids.count)
        print("mean KL(reference ‖ keys and values of \(bits) bits) \(mean)")
        #expect(mean > 1e-5 && mean < bound, "\(bits) bits")
        #expect(context.figures().kvBytesPerPosition * 2 * 64 * 2 == whole * bytes)
      }
    }

    /// Fewer bits do more damage, and eight do next to none.
    @Test func damageGrowsAsBitsShrink() throws {
      let count = 64
      let context = try InferenceContext(DefaultModel.model, context: 64)
      var last = 0.0
      for (width, bound) in [(BitWidth.eight, 0.003), (.six, 0.05), (.four, 0.7)] {
        var plan = Plan()
        plan.bits.default = width
        try context.use(plan)
        let logits = try context.allLogits(Array(ids.prefix(count)))
        let divergences = logits.enumerated().map { t, logits in
          divergence(Reference.model.logProbabilities[t], logSoftmax(logits))
        }
        let mean = divergences.reduce(0, +) / Double(count)
        print("mean KL(reference ‖ \(width.rawValue) bits) \(mean)")
        #expect(mean > last && mean < bound, "\(width.rawValue) bits")
        last = mean
      }
    }
  }
}
