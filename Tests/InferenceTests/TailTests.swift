import Foundation
import GGUF
import TestModels
import Testing
import Tokenization

@testable import Inference

/// Tails for multi-token prediction: a model computes with one what it computes without.
@Suite struct TailTests {
  static let tokens: [Token] = Array(3..<35)

  /// Opens a model as it is and with a tail.
  private func both(
    _ architecture: String, _ body: (_ plain: Model, _ tailed: Model) throws -> Void
  ) throws {
    try TinyModel.named(architecture).withFile { plain in
      try TinyModel.named(architecture).withTail().withFile { tailed in
        try body(Model(path: plain), Model(path: tailed))
      }
    }
  }

  private func logits(_ model: Model, _ plan: Plan = .baseline) throws -> [[Float]] {
    try InferenceContext(model, plan: plan, threads: 1, context: 64).allLogits(Self.tokens)
  }

  @Test(arguments: TinyModel.architectures)
  func countsForNothing(architecture: String) throws {
    try both(architecture) { plain, tailed in
      #expect(tailed.shape.tailLayers == 1 && tailed.tailTensors.count >= 12 && plain.tailTensors.isEmpty)
      var shape = tailed.shape
      shape.tailLayers = 0
      #expect(shape == plain.shape)
      #expect(tailed.parameterCount == plain.parameterCount && tailed.fileType == plain.fileType)
      #expect(tailed.nativeBytesPerToken == plain.nativeBytesPerToken)
      let conditions = RunConditions(threads: 1, recordsSimilarity: true, keepsStream: true)
      #expect(
        tailed.memoryNeed(.baseline, positions: 64, conditions).total
          == plain.memoryNeed(.baseline, positions: 64, conditions).total)
      let found = try logits(tailed), expected = try logits(plain)
      #expect(found == expected)
      var plan = Plan.baseline
      plan.drop.attention = [plain.shape.layers]
      #expect(throws: PlanError.self) { _ = try logits(tailed, plan) }
    }
  }

  @Test func inAnotherPartOfASplitModel() throws {
    try both("llama") { plain, tailed in
      let folder = FileManager.default.temporaryDirectory.appending(path: "tail-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let tail = Set(tailed.tailTensors.map(\.name))
      for part in 0..<2 {
        var metadata = part == 0 ? tailed.file.metadata : Metadata([:])
        metadata["split.no"] = .uint16(UInt16(part))
        metadata["split.count"] = .uint16(2)
        metadata["split.tensors.count"] = .int32(Int32(tailed.file.tensors.count))
        var writer = GGUFWriter(metadata: metadata)
        for tensor in tailed.file.tensors where tail.contains(tensor.name) == (part == 1) {
          writer.add(tensor.name, shape: tensor.shape, type: tensor.type, bytes: Array(tensor.data))
        }
        try writer.write(to: folder.appending(path: "m-0000\(part + 1)-of-00002.gguf").path)
      }
      let split = try Model(path: folder.appending(path: "m-00001-of-00002.gguf").path)
      #expect(split.tailTensors.count == tail.count && split.shape.layers == plain.shape.layers)
      let found = try logits(split), expected = try logits(plain)
      #expect(found == expected)
    }
  }

  /// Exported, a model has no tail any more, whatever the plan makes of its layers.
  @Test(arguments: [([], []), ([2], [2]), ([1, 3], [2])] as [(Set<Int>, Set<Int>)])
  func isLeftOutOfAnExport(attention: Set<Int>, mlp: Set<Int>) throws {
    var plan = Plan.baseline
    plan.drop.attention = attention
    plan.drop.mlp = mlp
    try both("llama") { plain, tailed in
      let path = tailed.file.path + ".exported"
      defer { try? FileManager.default.removeItem(atPath: path) }
      let export = try ModelExport(InferenceContext(tailed, plan: plan, threads: 1, context: 64))
      #expect(export.leavesOutTail)
      _ = try export.write(to: path)
      let written = try Model(path: path), name = written.architecture.name
      #expect(!written.file.tensors.contains { $0.name.contains("nextn") || $0.name.hasPrefix("blk.5.") })
      #expect(written.file.metadata["\(name).nextn_predict_layers"] == nil)
      let layers = try written.file.metadata.integer("\(name).block_count")
      #expect(layers == plain.shape.layers - attention.intersection(mlp).count)
      let found = try logits(written), expected = try logits(plain, plan)
      #expect(found == expected)
    }
  }

  @Test(arguments: [(6, "is 6 of 6 layers"), (7, "is 7 of 6 layers"), (-1, "outside")])
  func aTailNeedsAModel(layers: Int32, says: String) throws {
    var tiny = TinyModel.llama().withTail()
    tiny.metadata["llama.nextn_predict_layers"] = .int32(layers)
    try tiny.withFile { path in
      let error = #expect(throws: GGUFError.self) { try Model(path: path) }
      #expect(error?.description.contains("llama.nextn_predict_layers") == true)
      #expect(error?.description.contains(says) == true)
    }
  }
}
