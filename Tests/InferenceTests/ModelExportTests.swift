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
      let dropsBlocks = plan.drop.attention == plan.drop.mlp
      let isOwnGraph = dropsBlocks || ["gemma3", "arcee"].contains(architecture)
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

  /// Whole blocks that are dropped leave a file of the same graph with fewer layers.
  @Test(arguments: ["llama", "qwen2"], [[0], [1, 2], [0, 1, 3]] as [Set<Int>])
  func droppedBlocksAreLeftOut(architecture: String, blocks: Set<Int>) throws {
    var plan = Plan.baseline
    plan.drop.attention = blocks
    plan.drop.mlp = blocks
    var tiny = TinyModel.named(architecture)
    let layers = architecture == "llama" ? 5 : 4
    tiny.metadata["\(architecture).feed_forward_length"] = .array(
      MetadataArray([UInt32](repeating: architecture == "llama" ? 96 : 512, count: layers)))
    try exported(tiny, plan) { file, context in
      #expect(file.architecture.name == architecture && file.shape.layers == layers - blocks.count)
      #expect(
        try file.file.metadata.integers("\(architecture).feed_forward_length")?.count == file.shape.layers)
      #expect(
        file.file.tensors.count == tiny.tensors.count / layers * (layers - blocks.count) + tiny.tensors.count
          % layers)
      let tokens: [Token] = Array(3..<43)
      let logits = try InferenceContext(file, threads: 1, context: 64).allLogits(tokens)
      for (ours, theirs) in zip(try context.allLogits(tokens), logits) {
        #expect(differences(ours, theirs) == 0)
      }
    }
  }

  /// Where every attention goes, one stays and adds nothing: readers need keys and values to keep.
  @Test(arguments: ["llama", "qwen2"], [false, true])
  func oneAttentionStays(architecture: String, dropsBlocks: Bool) throws {
    var plan = Plan.baseline
    let layers = architecture == "llama" ? 5 : 4
    plan.drop.attention = Set(0..<layers)
    if dropsBlocks { plan.drop.mlp = Set(0..<layers) }
    try exported(TinyModel.named(architecture), plan) { file, context in
      #expect(file.architecture.name == (dropsBlocks ? architecture : "deci"))
      #expect(file.shape.layers == (dropsBlocks ? 1 : layers))
      #expect(file.shape.layerShapes[0].kvHeads > 0)
      #expect(try #require(file.file["blk.0.attn_output.weight"]).data.allSatisfy { $0 == 0 })
      let tokens: [Token] = Array(3..<43)
      let logits = try InferenceContext(file, threads: 1, context: 64).allLogits(tokens)
      for (ours, theirs) in zip(try context.allLogits(tokens), logits) {
        #expect(differences(ours, theirs) == 0)
      }
    }
  }

  /// Re-encoded files say of which mix they are, by the type of most weights.
  @Test(arguments: [(BitWidth.eight, 7), (.four, 3), (.five, 9), (.ternary, 2)])
  func reencodedFilesNameTheirMix(width: BitWidth, number: Int) throws {
    var tiny = TinyModel.llama(in: .f16)
    tiny.metadata["general.file_type"] = .uint32(1)
    func mix(_ plan: Plan) throws -> Int? {
      try exported(tiny, plan) { file, _ in try file.file.metadata.integer("general.file_type") }
    }
    var plan = Plan.baseline
    plan.bits.default = width
    #expect(try mix(plan) == number)
    plan.bits.default = .native
    plan.bits.layers[1] = width
    #expect(try mix(plan) == 1, "most weights stay in F16")
    #expect(try mix(.baseline) == 1)
  }

  @Test func typesHaveNumbersOfMixes() {
    #expect(FileType.number(of: .q4_k) == 14 && FileType.number(of: .q2_k) == 10)
    #expect(FileType.number(of: .bf16) == 32 && FileType.number(of: .i2_s) == nil)
  }

  // MARK: Lists for LLM-Drop

  private func lists(_ text: String?) -> String? {
    var drop = Plan.Drop()
    drop.attention = [7, 5]
    drop.mlp = [1]
    return LLMDropConfiguration.setting(drop, in: text.map { Array($0.utf8) })
      .map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func theRestOfAConfigurationStaysAsItWasWritten() {
    #expect(lists(nil) == "{\n  \"drop_attn_list\": [5, 7],\n  \"drop_mlp_list\": [1]\n}\n")
    #expect(lists("{}") == "{\n  \"drop_attn_list\": [5, 7],\n  \"drop_mlp_list\": [1]\n}")
    #expect(
      lists("{\"z\": 30.0, \"a\": 1e-05,\"big\": 123456789012345678901234567890}")
        == "{\"z\": 30.0, \"a\": 1e-05,\"big\": 123456789012345678901234567890,\"drop_attn_list\": [5, 7],"
        + "\"drop_mlp_list\": [1]}")
    let known = """
      {
          "model_type": "gemma2",
          "drop_mlp_list": [
              3
          ],
          "limit": [0.0, Infinity, {"drop_attn_list": "\\"}"}],
          "é\\u00e9": null
      }

      """
    #expect(
      lists(known)
        == known.replacing("[\n        3\n    ]", with: "[1]")
        .replacing("null\n", with: "null,\n    \"drop_attn_list\": [5, 7]\n"))
    let again = lists(known)
    #expect(lists(again) == again)
  }

  @Test(arguments: [
    "", "[]", "{", "{]", "{\"a\"}", "{\"a\": }", "{\"a\": 1,}", "{\"a\": 1} x", "{\"a\": nul}",
    "{\"a\": \"\n\"}",
    "{\"a\": " + String(repeating: "[", count: 65) + String(repeating: "]", count: 65) + "}", "{'a': 1}",
  ])
  func whatIsNoObjectIsRefused(_ text: String) {
    #expect(lists(text) == nil)
  }
}
