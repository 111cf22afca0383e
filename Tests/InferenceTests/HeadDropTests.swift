import Foundation
import GGUF
import Quantization
import TestModels
import Testing
import Tokenization

@testable import Inference

/// Plans without single heads.
@Suite struct HeadDropTests {
  static let tokens = {
    var random = SeededGenerator(seed: 21)
    return TinyModelTests.randomTokens(40, using: &random)
  }()

  /// Drops of one head, of all heads of a KV head, of heads of several layers.
  static func plans(_ heads: [Int]) -> [Plan] {
    let layers = heads.indices.filter { heads[$0] > 1 }
    guard let first = layers.first, let last = layers.last else { return [] }
    return [
      .with { $0.drop[heads: first] = [heads[first] - 1] },
      .with { plan in
        for layer in layers { plan.drop[heads: layer] = Set(0..<max(1, heads[layer] / 2)) }
      },
      .with {
        $0.drop[heads: last] = Set(1..<heads[last])
        $0.drop.mlp = [first]
      },
    ]
  }

  @Test(arguments: TinyModel.architectures)
  func agreesWithReference(architecture: String) throws {
    try TinyModel.named(architecture).withFile { path in
      let model = try Model(path: path), reference = try ReferenceModel(path: path)
      let whole = reference.read(Self.tokens.map(Int.init)).logProbabilities
      for plan in Self.plans(model.headCounts) {
        let expected = reference.read(Self.tokens.map(Int.init), dropping: plan.drop).logProbabilities
        let context = try InferenceContext(model, plan: plan, threads: 2, context: 64)
        var difference = 0.0, sum = 0.0
        for (t, row) in try context.allLogits(Self.tokens).enumerated() {
          let kl = divergence(expected[t], logSoftmax(row))
          #expect(kl < 1e-4, "\(plan), token \(t)")
          sum += kl
          difference = max(difference, divergence(whole[t], logSoftmax(row)))
        }
        #expect(sum / 40 < 2e-5 && difference > 1e-2, "\(plan)")
      }
    }
  }

  /// A dropped head computes what zeros in its columns of the output projection do, in every architecture:
  /// with windows, shared heads, norms, biases, sinks, and norms before the projection.
  @Test(arguments: ArchitectureTests.fixtures.models)
  func isAFileWithZerosInTheOutputProjection(fixture: ArchitectureTests.Fixtures.Model) throws {
    let model = try ArchitectureTests.open(fixture), tokens = ArchitectureTests.fixtures.tokens
    for plan in Self.plans(model.headCounts) {
      var silenced = fixture
      for index in silenced.tensors.indices {
        let name = TensorName(silenced.tensors[index].name)
        guard let layer = name.layer, name.part == "attn_output.weight" else { continue }
        let width = model.shape.layerShapes[layer].valueWidth
        silenced.tensors[index].zeroColumns = Set(
          plan.drop[heads: layer].flatMap { $0 * width..<($0 + 1) * width })
      }
      silenced.tensors.indices.filter { index in
        plan.drop.mlp.contains { silenced.tensors[index].name.hasPrefix("blk.\($0).ffn_down.") }
      }.forEach { (silenced.tensors[$0].scale, silenced.tensors[$0].mean) = (0, 0) }
      let expected = try InferenceContext(
        ArchitectureTests.open(silenced), threads: 1, context: fixture.context
      ).allLogits(tokens)
      let context = try InferenceContext(model, plan: plan, threads: 2, context: fixture.context)
      for (t, row) in try context.allLogits(tokens).enumerated() {
        #expect(
          divergence(logSoftmax(expected[t]).map { Float($0) }, logSoftmax(row)) < 1e-6, "\(plan), token \(t)"
        )
      }
    }
  }

  /// However a text is cut, on however many threads, by whichever kernels: the same bits.
  @Test(arguments: TinyModel.architectures)
  func sameBitsHoweverComputed(architecture: String) throws {
    let model = try TinyModel.named(architecture).withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: 5)
    let tokens = TinyModelTests.randomTokens(560, using: &random)
    for var plan in Self.plans(model.headCounts) {
      for kvBits in [16, 4] {
        plan.kvBits = kvBits
        let expected = try InferenceContext(model, plan: plan, threads: 1, context: 600).allLogits(tokens)
        for (index, kernels) in Kernels.available.enumerated() {
          for threads in index == 0 ? [2, 3] : [1] {
            let context = try InferenceContext(
              model, plan: plan, threads: threads, context: 600, kernels: kernels)
            var read = 0
            while read < tokens.count {
              let count = min(
                [1, 1, 2, 3, 7, 31, 255].randomElement(using: &random)!, tokens.count - read)
              let logits =
                count == 1 && read > 0
                ? Array(try context.append(tokens[read]))
                : try context.lastLogits(Array(tokens[..<(read + count)]))
              read += count
              #expect(
                differences(logits, expected[read - 1]) == 0, "\(plan), \(kernels.name), token \(read)")
            }
          }
        }
      }
    }
  }

  /// A toggled head leaves the layers below it as they are.
  @Test func onlyTheLayersAboveAreComputedAgain() throws {
    let model = try TinyModel.llama().withFile { try Model(path: $0) }
    let context = try InferenceContext(model, threads: 1, context: 64, keepsStream: true)
    try context.read(Self.tokens)
    try context.use(.with { $0.drop[heads: 3] = [1] })
    #expect(context.work(toRead: Self.tokens) == 40 * 2 / 5)
    let logits = Array(try context.read(Self.tokens))
    let fresh = try InferenceContext(model, plan: context.plan, threads: 1, context: 64)
    #expect(differences(try fresh.read(Self.tokens), logits) == 0)
  }

  /// Rotated and held at 16 bits, a plan without heads computes the same.
  @Test(arguments: ["llama", "qwen2"])
  func rotatedPlansDropTheSameHeads(architecture: String) throws {
    let model = try TinyModel.named(architecture).withFile { try Model(path: $0) }
    for var plan in Self.plans(model.headCounts) {
      let expected = try InferenceContext(model, plan: plan, threads: 1, context: 64).allLogits(Self.tokens)
      plan.rotate = true
      let context = try InferenceContext(model, plan: plan, threads: 1, context: 64)
      let divergences = try zip(expected, context.allLogits(Self.tokens)).map {
        divergence(logSoftmax($0).map { Float($0) }, logSoftmax($1))
      }
      let mean = divergences.reduce(0, +) / Double(divergences.count)
      #expect(mean < 2e-4, "\(plan)")
    }
  }

  /// A file for other programs has zeros where dropped heads were read.
  @Test(arguments: TinyModel.architectures, [BitWidth.native, .four])
  func exportsAreReadBack(architecture: String, width: BitWidth) throws {
    try TinyModel.named(architecture).withFile { path in
      let model = try Model(path: path)
      for var plan in Self.plans(model.headCounts) {
        plan.bits.attention = width
        let context = try InferenceContext(model, plan: plan, threads: 2, context: 64)
        let expected = try context.allLogits(Self.tokens), output = path + ".exported"
        defer { try? FileManager.default.removeItem(atPath: output) }
        _ = try ModelExport(context).write(to: output)
        let file = try Model(path: output)
        for (ours, theirs) in zip(
          expected, try InferenceContext(file, threads: 1, context: 64).allLogits(Self.tokens))
        {
          // Scales of encoded weights are rounded to f16 in files, also where a K-quant's block is wider than a head.
          let limit = width != .native ? 2e-3 : architecture == "qwen2" ? 1e-5 : 1e-6
          #expect(divergence(logSoftmax(ours).map { Float($0) }, logSoftmax(theirs)) < limit, "\(plan)")
        }
        for (layer, heads) in plan.drop.heads where plan.drop.mlp.isEmpty {
          let tensor = try #require(file.file["blk.\(layer).attn_output.weight"])
          var values = [Float](repeating: .nan, count: tensor.elementCount)
          values.withUnsafeMutableBufferPointer { tensor.type.dequantize(tensor.data, into: $0) }
          let columns = tensor.shape[0], headWidth = model.shape.layerShapes[layer].valueWidth
          for (index, value) in values.enumerated() where heads.contains(index % columns / headWidth) {
            #expect(value == 0)
          }
        }
      }
    }
  }

  // MARK: The plan

  @Test func textForms() throws {
    let heads: [Int: Set<Int>] = [5: [1, 3], 7: [0, 1, 2]]
    for text in ["5:1,3 7:0-2", "5:1,3;7:0-2", " 7:2,0-1 ; 5:3 5:1 "] {
      #expect(try HeadList.parse(text) == heads)
    }
    #expect(HeadList.format(heads) == "5:1,3 7:0-2")
    #expect(try HeadList.parse("3-4:0") == [3: [0], 4: [0]])
    #expect(try HeadList.parse("").isEmpty)
    for text in ["5", "5:", ":1", "5:1:2", "x:1", "5:x", "5:3-1", "5: 1", "5:-1", "5:0-99999999999"] {
      let error = #expect(throws: PlanError.self) { try HeadList.parse(text) }
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test func jsonAndDescription() throws {
    let plan = Plan.with {
      $0.drop[heads: 5] = [3, 1]
      $0.drop.mlp = [2]
    }
    #expect(plan.description == "mlp −2 · heads −5:1,3")
    let json = try PlanTests.json(plan)
    #expect(json.contains(#""drop":{"attention":[],"heads":{"5":[1,3]},"mlp":[2]}"#))
    #expect(try PlanTests.plan(json) == plan)
    #expect(try PlanTests.plan(#"{"drop": {"heads": {"5": []}}}"#) == .baseline)
    #expect(try !PlanTests.json(.baseline).contains("heads"))
  }

  /// A dropped attention takes its heads along.
  @Test func headsOfADroppedAttention() {
    var plan = Plan.with { $0.drop[heads: 5] = [3, 1] }
    #expect(plan.runs(head: 2, layer: 5) && !plan.runs(head: 3, layer: 5))
    plan.toggle(.attention, layer: 5)
    #expect(plan == .with { $0.drop.attention = [5] } && !plan.runs(head: 2, layer: 5))
    plan.toggle(.attention, layer: 5)
    #expect(plan == .baseline)
  }

  @Test(arguments: [
    (#"{"heads": {"5": [1]}}"#, nil),
    (#"{"heads": {"30": [1]}}"#, "drop.heads: layer 30 is not in m, whose layers are 0…29"),
    (#"{"heads": {"5": [9]}}"#, "drop.heads: layer 5 of m has no head 9: its heads are 0…8"),
    (#"{"heads": {"5": [-1]}}"#, "drop.heads: layer 5 has no head -1: heads count from 0"),
    (#"{"heads": {"7": [0]}}"#, "drop.heads: layer 7 of m has no heads"),
    (
      #"{"heads": {"5": [0,1,2,3,4,5,6,7,8]}}"#,
      "drop.heads: these are all heads of layer 5; drop its attention instead (drop.attention)"
    ),
    (
      #"{"heads": {"5": [1]}, "attention": [5]}"#,
      "drop.heads: the attention of layer 5 is dropped, and its heads with it; leave them out"
    ),
  ])
  func validation(drop: String, error: String?) throws {
    var heads = Array(repeating: 9, count: 30)
    heads[7] = 0
    let plan = try PlanTests.plan("{\"drop\": \(drop)}")
    guard let error else { return try plan.validate(layers: 30, heads: heads, model: "m") }
    #expect(throws: PlanError(error)) { try plan.validate(layers: 30, heads: heads, model: "m") }
  }
}
