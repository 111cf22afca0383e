import Foundation
import GGUF
import TestModels
import Testing
import Tokenization

@testable import Inference

/// Weights and predictions that are no numbers, or too large for f16: said, and never taken for good ones.
@Suite struct NumberTests {
  /// A model whose MLPs compute the same as others', with a gate of large weights before one of small ones.
  private static func large(down: Float = 1e-5) -> TinyModel {
    var model = TinyModel.llama()
    for index in model.tensors.indices {
      if model.tensors[index].name.hasSuffix("ffn_up.weight") { model.tensors[index].scale *= 1e5 }
      if model.tensors[index].name.hasSuffix("ffn_down.weight") { model.tensors[index].scale *= down }
      if model.tensors[index].name.contains("ffn_") { model.tensors[index].type = .f32 }
    }
    return model
  }

  /// A model with a weight of the MLP that is no number.
  static func broken(_ value: Float, layer: Int = 3) -> TinyModel {
    var model = TinyModel.llama()
    let index = model.tensors.firstIndex { $0.name == "blk.\(layer).ffn_up.weight" }!
    model.tensors[index].type = .f32
    (model.tensors[index].scale, model.tensors[index].mean) = (0, value)
    return model
  }

  @Test(arguments: [BitWidth.six, .five, .four, .three, .two, .ternary, .one, .eight])
  func largeWeightsAreEncodedWithWiderScales(width: BitWidth) throws {
    try Self.large().withFile { path in
      let model = try Model(path: path)
      let context = try InferenceContext(
        model, plan: .with { $0.bits.mlp = width }, threads: 2, context: 64)
      #expect(try context.read([5, 6, 7, 8]).allSatisfy(\.isFinite))
      let warnings = context.warnings.filter { !$0.contains("not trained so") }
      let warning = try #require(warnings.first)
      #expect(warnings.count == 1 && context.figures().warnings == context.warnings)
      #expect((context.warnings.count == 2) == [.ternary, .one].contains(width))
      #expect(warning.contains("blk.0.ffn_up.weight, blk.1.ffn_up.weight") && warning.contains("2 others"))
      #expect(!warning.contains("ffn_down") && !warning.contains("\n"))
      // The same again, from weights that are taken over.
      try context.use(.with { ($0.bits.mlp, $0.drop.attention) = (width, [2]) })
      #expect(try context.read([5, 6, 7, 8]).allSatisfy(\.isFinite))
      try context.use(.baseline)
      #expect(context.warnings.isEmpty)
    }
  }

  /// An export of such weights is in a type that holds them.
  @Test func largeWeightsAreExported() throws {
    try Self.large(down: 1e-2).withFile { path in
      let context = try InferenceContext(
        Model(path: path), plan: .with { $0.bits.mlp = .four }, threads: 2, context: 64)
      let expected = Array(try context.read([5, 6, 7, 8]))
      let copy = path + ".copy.gguf"
      defer { try? FileManager.default.removeItem(atPath: copy) }
      _ = try ModelExport(context).write(to: copy)
      let written = try Model(path: copy)
      #expect(written.file["blk.0.ffn_up.weight"]?.type == .f32)
      let again = try InferenceContext(written, threads: 2, context: 64)
      let actual = try again.read([5, 6, 7, 8]), size = expected.map(abs).max()!
      #expect(zip(expected, actual).allSatisfy { abs($0 - $1) < 1e-2 * size })
    }
  }

  @Test(arguments: [Float.nan, .infinity])
  func answersEndWithTheNameOfTheMatrix(value: Float) throws {
    try Self.broken(value).withFile { path in
      for plan in [Plan.baseline, .with { $0.bits.mlp = .four }] {
        let context = try InferenceContext(Model(path: path), plan: plan, threads: 2, context: 64)
        var tokens = 0
        let error = #expect(throws: NaNError.self) {
          _ = try context.answer([5, 6, 7], sampling: SamplingOptions(), maximumTokens: 9) { _, _ in
            tokens += 1
          }
        }
        let message = "\(try #require(error))"
        #expect(tokens == 0 && message.contains("blk.3.ffn_up.weight") && message.contains("after 0 tokens"))
        #expect(message.contains("inspect --check") && !message.contains("\n"))
        #expect(context.warnings.count == (plan == .baseline ? 0 : 1))
      }
    }
  }

  @Test func damageOfWhatIsNoNumberIsNone() throws {
    try Self.broken(.nan).withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 2, context: 64)
      let trials = try Trials([[5, 6, 7, 8, 9]], in: context)
      #expect(trials.baseline.perplexity.isNaN)
      let damage = try trials.damage(of: .with { $0.drop.attention = [1] })
      #expect(damage.kl.isNaN && damage.perplexity.isNaN && damage.sameTop.isNaN && damage.cost == .infinity)
      #expect(trials.similarity(of: Droppable(.mlp, 2))?.isFinite == true)
      #expect(trials.similarity(of: Droppable(.mlp, 3))?.isNaN == true)
      #expect(trials.similarity(of: Droppable(.attention, 4))?.isNaN == true)
    }
  }

  @Test func measuredNaNIsToldFromNoMeasurement() throws {
    #expect(Float.absent.isNaN && Float.absent.isAbsent && !Float.nan.isAbsent)
    #expect(!(Float.infinity - .infinity).isAbsent && !(0 * Float.infinity).isAbsent)
    #expect([Float.absent, 1, 2].meanOfPresent == 1.5 && [Float.absent].meanOfPresent == nil)
    #expect([Float.absent, 1, .nan].meanOfPresent?.isNaN == true)
    try Self.broken(.nan).withFile { path in
      let context = try InferenceContext(
        Model(path: path), plan: .with { $0.drop.attention = [1] }, threads: 2, context: 64,
        recordsSimilarity: true)
      try context.read([5, 6, 7, 8])
      let report = try #require(context.similarity())
      #expect(report.attention[1].allSatisfy(\.isAbsent) && report.attention[0].allSatisfy(\.isFinite))
      #expect(report.mlp[3].allSatisfy { $0.isNaN && !$0.isAbsent })
      // A sublayer that is dropped later has no values any more, wherever there were some.
      context.forget()
      try context.read([5, 6])
      try context.use(.with { $0.drop.mlp = [0] })
      try context.read([5, 6, 7, 8])
      let later = try #require(context.similarity())
      #expect(later.mlp[0].allSatisfy(\.isAbsent) && !later.attention[1].contains(where: \.isAbsent))
    }
  }

  @Test func wholeNumbersOfAnything() {
    #expect(Int(nearest: 2.5) == 3 && Int(nearest: -0.4) == 0 && Int(nearest: .nan) == 0)
    #expect(Int(nearest: 1e300) == .max && Int(nearest: -.infinity) == .min)
    #expect(Int(nearest: 0x1p63) == .max && Int(nearest: -0x1p63) == .min)
    #expect(Int(nearest: 0x1p60) == 1 << 60)
  }
}
