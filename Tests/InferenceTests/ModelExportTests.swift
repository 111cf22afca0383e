import Foundation
import GGUF
import Quantization
import TestModels
import Testing
import Tokenization

@testable import Inference

/// Files for other programs, read again.
@Suite struct ModelExportTests {
  /// Exports `plan` of a model and hands over what the file then is.
  private func exported<Result>(
    _ tiny: TinyModel, _ plan: Plan, _ body: (_ file: Model, _ context: InferenceContext) throws -> Result
  ) throws -> Result {
    try tiny.withFile { path in
      let context = try InferenceContext(Model(path: path), plan: plan, threads: 2, context: 64)
      let output = path + ".exported"
      defer { try? FileManager.default.removeItem(atPath: output) }
      let summary = try ModelExport(context).write(to: output)
      let file = try Model(path: output)
      #expect(summary.tensors == file.file.tensors.count && summary.bytes == file.file.fileBytes)
      return try body(file, context)
    }
  }

  static let drops: [(attention: Set<Int>, mlp: Set<Int>)] = [
    ([], []), ([2], []), ([0], [1]), ([], [0, 3]), ([1, 3], [1, 3]), ([0, 1, 2, 3], [0, 1, 2, 3]),
  ]

  /// The file computes what the plan does, to the last bit; where rows had to change places, but for
  /// rounding.
  @Test(arguments: TinyModel.architectures, drops)
  func droppedSublayers(architecture: String, drop: (attention: Set<Int>, mlp: Set<Int>)) throws {
    var plan = Plan.baseline
    plan.drop.attention = drop.attention
    plan.drop.mlp = drop.mlp
    try exported(TinyModel.named(architecture), plan) { file, context in
      let isOwnGraph = plan == .baseline || architecture == "gemma3"
      #expect(file.architecture.name == (isOwnGraph ? architecture : "deci"))
      let tokens: [Token] = Array(3..<43)
      let expected = try context.allLogits(tokens)
      let logits = try InferenceContext(file, threads: 1, context: 64).allLogits(tokens)
      for (ours, theirs) in zip(expected, logits) {
        if architecture == "qwen2" && !isOwnGraph {
          #expect(divergence(logSoftmax(ours).map { Float($0) }, logSoftmax(theirs)) < 1e-6)
        } else {
          #expect(differences(ours, theirs) == 0)
        }
      }
      // Dropped sublayers are not in the file, save in graphs that know no such layers.
      for layer in drop.attention where !isOwnGraph {
        #expect(file.file["blk.\(layer).attn_q.weight"] == nil)
        #expect((file.file["blk.\(layer).attn_norm.weight"] != nil) == (layer == 0))
      }
    }
  }

  /// Sublayers that an export lacks are no obstacle to another export of it.
  @Test func exportsAnExport() throws {
    try TinyModel.llama().withFile { path in
      let once = path + ".once", twice = path + ".twice"
      defer { for path in [once, twice] { try? FileManager.default.removeItem(atPath: path) } }
      var plan = Plan.baseline
      plan.drop.attention = [2]
      _ = try ModelExport(InferenceContext(Model(path: path), plan: plan, threads: 1, context: 64)).write(
        to: once)
      plan.drop.attention = [2, 3]
      plan.drop.mlp = [2]
      let context = try InferenceContext(Model(path: once), plan: plan, threads: 1, context: 64)
      _ = try ModelExport(context).write(to: twice)
      let tokens: [Token] = Array(3..<43)
      let logits = try InferenceContext(Model(path: twice), threads: 1, context: 64).allLogits(tokens)
      for (ours, theirs) in zip(try context.allLogits(tokens), logits) {
        #expect(differences(ours, theirs) == 0)
      }
    }
  }

  /// Encoded weights in the file's type are those that the plan computes with: the same where the type has
  /// their codes and one scale, or else but for rounding, of scales and offsets to f16, or of values to Q8_0.
  @Test(arguments: BitWidth.allCases.filter { $0 != .native }, [64, 288, 512])
  func encodedWeights(width: BitWidth, columns: Int) throws {
    var random = SeededGenerator(seed: UInt64(columns))
    let weights = BlockMatrix(values: (0..<40).map { _ in random.gaussians(columns, scale: 0.03) })
    for scale: Float in [1, 0.7] {
      let matrix = weights.packed(width.encoded, scale: scale, kernels: .best)
      #expect(!matrix.isExact)
      let type = matrix.encodedType, isOneScale = width == .eight || width == .ternary
      let precision: Float = isOneScale && scale == 1 ? .infinity : type == .q8_0 && !isOneScale ? 220 : 600
      for (row, expected) in matrix.values.enumerated() {
        var bytes: [UInt8] = []
        matrix.appendRow(row, to: &bytes, as: type, kernels: .best)
        var values = [Float](repeating: .nan, count: columns)
        bytes.withUnsafeBytes { bytes in
          values.withUnsafeMutableBufferPointer { type.dequantize(bytes, into: $0) }
        }
        let largest = expected.map(abs).max() ?? 0
        for (value, expected) in zip(values, expected) {
          #expect(abs(value - expected) <= largest / precision)
        }
      }
    }
  }

  @Test(arguments: [
    (BitWidth.eight, BlockType.q8_0), (.six, .q8_0), (.five, .q5_1), (.four, .q4_1), (.three, .q8_0),
    (.two, .q8_0),
    (.ternary, .q4_0), (.one, .q8_0),
  ])
  func narrowWeightsAndATiedHead(width: BitWidth, type: BlockType) throws {
    var plan = Plan.baseline
    plan.bits.default = width
    var tiny = TinyModel.llama()
    for index in tiny.tensors.indices where tiny.tensors[index].shape.count == 2 {
      tiny.tensors[index].type = .f16
    }
    try exported(tiny, plan) { file, context in
      #expect(file.file["blk.1.ffn_up.weight"]?.type == type)
      #expect(file.file["output.weight"]?.type == type)
      #expect(file.file["token_embd.weight"]?.type == .f16)
      let tokens: [Token] = Array(3..<35)
      let logits = try InferenceContext(file, threads: 1, context: 64).allLogits(tokens)
      for (ours, theirs) in zip(try context.allLogits(tokens), logits) {
        #expect(divergence(logSoftmax(ours).map { Float($0) }, logSoftmax(theirs)) < 2e-3)
      }
    }
  }

  /// Only what a plan encodes is encoded; a scale beside a matrix goes into its weights then.
  @Test func someLayersAndTheirScales() throws {
    var plan = Plan.baseline
    plan.bits.layers[1] = .eight
    try exported(TinyModel.llama(in: .f16), plan) { file, context in
      #expect(file.file["blk.0.attn_q.weight"]?.type == .f16 && file.file["blk.0.attn_q.scale"] != nil)
      #expect(file.file["blk.1.attn_q.weight"]?.type == .q8_0 && file.file["blk.1.attn_q.scale"] == nil)
      #expect(file.file["output.weight"]?.type == .f16)
      #expect(try file.file.metadata.string("pare.plan")?.contains("\"1\":8") == true)
      let tokens: [Token] = Array(3..<35)
      let logits = try InferenceContext(file, threads: 1, context: 64).allLogits(tokens)
      for (ours, theirs) in zip(try context.allLogits(tokens), logits) {
        #expect(divergence(logSoftmax(ours).map { Float($0) }, logSoftmax(theirs)) < 1e-6)
      }
    }
  }

  @Test func refusesWhatNoFileHolds() throws {
    try TinyModel.llama().withFile { path in
      var plan = Plan.baseline
      plan.bits.default = .four
      plan.rotate = true
      let context = try InferenceContext(Model(path: path), plan: plan, threads: 1, context: 64)
      #expect(throws: ExportError.rotated) { try ModelExport(context) }
      var healed = Plan.baseline
      healed.drop.attention = [2]
      healed.heal = .mean
      try context.use(healed)
      #expect(throws: ExportError.healed) { try ModelExport(context) }
    }
  }

  /// A file that was there stays when writing is stopped.
  @Test func stopsWithoutATrace() throws {
    try TinyModel.llama().withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 1, context: 64)
      let output = path + ".exported"
      defer { try? FileManager.default.removeItem(atPath: output) }
      try Data("old".utf8).write(to: URL(filePath: output))
      #expect(throws: CancellationError.self) { try ModelExport(context).write(to: output) { $0 < 0.5 } }
      #expect(try Data(contentsOf: URL(filePath: output)) == Data("old".utf8))
    }
  }
}
