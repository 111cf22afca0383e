import Foundation
import GGUF
import Inference
import TestModels
import Testing

/// Model files that are whole GGUF files and yet no models: each refused in one line that names the place.
@Suite struct ModelErrorTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    var architecture = "llama"
    var change: @Sendable (inout TinyModel) -> Void
    /// Texts that the message must hold.
    var says: [String]

    var testDescription: String { name }

    init(
      _ name: String, _ architecture: String = "llama", says: [String],
      _ change: @escaping @Sendable (inout TinyModel) -> Void
    ) {
      self.name = name
      self.architecture = architecture
      self.says = says
      self.change = change
    }

    /// A key of the architecture set to a value, or absent.
    static func key(_ key: String, _ value: MetadataValue?, says: String = "") -> Fault {
      Fault("\(key) \(value.map { "\($0)" } ?? "absent")", says: ["llama.\(key)", says]) {
        $0.metadata["llama.\(key)"] = value
      }
    }

    /// A tensor changed, or taken out.
    static func tensor(
      _ name: String, _ architecture: String = "llama", says: String,
      _ change: (@Sendable (inout TinyModel.TensorSpecification) -> Void)?
    ) -> Fault {
      Fault("\(name) \(says)", architecture, says: ["tensor \(name)", says]) { model in
        let index = model.tensors.firstIndex { $0.name == name }!
        if let change { change(&model.tensors[index]) } else { model.tensors.remove(at: index) }
      }
    }
  }

  static let faults: [Fault] =
    [
      Fault("no architecture", says: ["general.architecture", "llama", "qwen2", "gemma3"]) {
        $0.metadata["general.architecture"] = nil
      },
      Fault("unknown architecture", says: ["general.architecture", "mamba9"]) {
        $0.metadata["general.architecture"] = .string("mamba9")
      },
      Fault("architecture with line breaks", says: ["general.architecture"]) {
        $0.metadata["general.architecture"] = .string("evil\nname\u{1B}[2J")
      },
      .key("rope.dimension_sections", .array(MetadataArray([2, 2, 2, 2] as [Int32])), says: "fourth"),
      Fault("two norms of a layer", "arcee", says: ["tensor “blk.0.attn_norm_2.weight”", "no place"]) {
        $0.tensors.append(.init(name: "blk.0.attn_norm_2.weight", shape: [96], type: .f32, scale: 1))
      },
      Fault("a gate where none belongs", "arcee", says: ["tensor “blk.0.ffn_gate.weight”", "no place"]) {
        $0.tensors.append(.init(name: "blk.0.ffn_gate.weight", shape: [96, 160], type: .f32, scale: 1))
      },
      Fault("infinite scale", says: ["tensor blk.1.attn_q.scale", "inf"]) {
        $0.tensors.append(
          .init(name: "blk.1.attn_q.scale", shape: [1], type: .f32, scale: 0, mean: .infinity))
      },
      Fault("no tokenizer", says: ["tokenizer.ggml.tokens"]) { $0.metadata["tokenizer.ggml.tokens"] = nil },
      Fault("larger vocabulary than embedding", says: ["token_embd.weight", "shape"]) {
        $0.metadata["tokenizer.ggml.tokens"] = .array(MetadataArray((0..<150).map { "t\($0)" }))
        $0.metadata["tokenizer.ggml.token_type"] = nil
      },
      .key("block_count", nil, says: "missing"),
      .key("block_count", .uint32(0), says: "outside"),
      .key("block_count", .int32(-3), says: "outside"),
      .key("block_count", .uint32(4_000_000_000), says: "outside"),
      .key("block_count", .string("five"), says: "whole number"),
      .key("embedding_length", nil, says: "missing"),
      .key("embedding_length", .uint64(.max)),
      .key("embedding_length", .uint32(0), says: "outside"),
      .key("feed_forward_length", nil, says: "missing"),
      .key("feed_forward_length", .int64(.min), says: "outside"),
      .key("feed_forward_length", .array(MetadataArray([96, 96, 96, 96] as [Int32])), says: "5 layers"),
      .key("feed_forward_length", .array(MetadataArray([96, 96, 0, 96, 96] as [Int32])), says: "outside"),
      .key("expert_count", .uint32(8), says: "mixture of experts"),
      .key("attention.head_count", nil, says: "missing"),
      .key("attention.head_count", .uint32(0), says: "outside"),
      .key("attention.head_count_kv", .uint32(3), says: "divide"),
      .key("attention.head_count_kv", .uint32(0), says: "outside"),
      .key("attention.head_count_kv", .uint32(1000)),
      .key("attention.key_length", .uint32(1 << 31), says: "outside"),
      .key("context_length", nil, says: "missing"),
      .key("context_length", .uint32(0), says: "outside"),
      .key("rope.dimension_count", .uint32(18), says: "outside"),
      .key("rope.dimension_count", .uint32(7)),
      .key("rope.scaling.type", .string("dynamic"), says: "yarn"),
      .key("attention.layer_norm_rms_epsilon", .float32(.nan), says: "finite"),
      .key("attention.layer_norm_rms_epsilon", .string("small"), says: "number"),
      .key("rope.freq_base", .float32(.infinity), says: "finite"),
      Fault("rotation base of 0", says: ["llama.rope."]) {
        $0.metadata["llama.rope.freq_base"] = .float32(0)
      },
      Fault("negative rotation factor", says: ["llama.rope."]) {
        $0.metadata["llama.rope.scaling.type"] = .string("linear")
        $0.metadata["llama.rope.scaling.factor"] = .float32(-4)
      },
      Fault("surplus tensor", says: ["tensor “blk.1.ffn_gate_inp.weight”", "no place"]) {
        $0.tensors.append(.init(name: "blk.1.ffn_gate_inp.weight", shape: [64, 8], type: .f32, scale: 1))
      },
      .tensor("token_embd.weight", says: "missing", nil),
      .tensor("output_norm.weight", says: "missing", nil),
      .tensor("blk.0.attn_norm.weight", says: "missing", nil),
      .tensor("blk.4.ffn_norm.weight", says: "missing", nil),
      .tensor("blk.2.attn_k.weight", says: "missing", nil),
      .tensor("blk.4.ffn_down.weight", says: "missing", nil),
      .tensor("blk.3.post_ffw_norm.weight", "gemma3", says: "missing", nil),
      .tensor("blk.1.attn_q.weight", says: "shape") { $0.shape = [64, 32] },
      .tensor("blk.1.attn_v.weight", says: "shape") { $0.shape = [32, 64] },
      .tensor("blk.1.ffn_up.weight", says: "shape") { $0.shape = [64, 96, 2] },
      .tensor("token_embd.weight", says: "shape") { $0.shape = [64] },
      .tensor("output.weight", "qwen2", says: "shape") { $0.shape = [256, 90] },
      .tensor("blk.0.attn_norm.weight", says: "floats") { $0.shape = [63] },
      .tensor("blk.0.attn_norm.weight", says: "floats") { ($0.type, $0.mean) = (.q8_0, 0) },
      .tensor("blk.1.attn_q.bias", "qwen2", says: "floats") { $0.shape = [255] },
    ]

  @Test(arguments: faults)
  func refuses(fault: Fault) throws {
    var model = TinyModel.named(fault.architecture)
    fault.change(&model)
    try model.withFile { path in
      let error = #expect(throws: (any Error).self) {
        let model = try Model(path: path)
        _ = try InferenceContext(model, threads: 1, context: 32)
      }
      let message = error.map { "\($0)" } ?? ""
      for part in fault.says { #expect(part.isEmpty || message.contains(part)) }
      #expect(!message.contains { $0.isNewline || $0 == "\u{1B}" })
      #expect(fault.says.isEmpty || message.contains(path))
    }
  }

  /// Types that have no packed form of their own still work: they are held as f32.
  @Test func integersAreRefusedOtherTypesWork() throws {
    for (type, works) in [
      (BlockType.i8, false), (.i32, false), (.f64, true), (.iq4_nl, true), (.mxfp4, true),
    ] {
      let writer = try Self.llama(withQueriesOf: type)
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).gguf")
        .path
      defer { try? FileManager.default.removeItem(atPath: path) }
      try writer.write(to: path)
      if works {
        let context = try InferenceContext(Model(path: path), threads: 1, context: 32)
        #expect(try context.read([5, 6, 7]).allSatisfy(\.isFinite))
      } else {
        let error = #expect(throws: GGUFError.self) { try Model(path: path) }
        #expect(error?.description.contains("blk.0.attn_q.weight: has type \(type.name)") == true)
      }
    }
  }

  private static func llama(withQueriesOf type: BlockType) throws -> GGUFWriter {
    let model = TinyModel.llama()
    return try model.withFile { path in
      let file = try GGUFFile(path: path)
      var writer = GGUFWriter(metadata: file.metadata)
      for tensor in file.tensors {
        guard tensor.name == "blk.0.attn_q.weight" else {
          writer.add(tensor.name, shape: tensor.shape, type: tensor.type, bytes: Array(tensor.data))
          continue
        }
        let count = tensor.elementCount / type.elementsPerBlock * type.bytesPerBlock
        writer.add(
          tensor.name, shape: tensor.shape, type: type,
          bytes: (0..<count).map { UInt8($0 % 7 == 0 ? 1 : 0x30) })
      }
      return writer
    }
  }

  /// A context is only as large as memory allows; the one a model asks for is bounded.
  @Test func contextsThatDoNotFitMemory() throws {
    var tiny = TinyModel.llama()
    tiny.metadata["llama.context_length"] = .uint32(100_000_000)
    let model = try tiny.withFile { try Model(path: $0) }
    for positions in [1 << 34, Int.max, 1 << 55] {
      let error = #expect(throws: ContextError.self) {
        try InferenceContext(model, threads: 1, context: positions)
      }
      #expect(error?.description.contains("\(positions)") == true)
    }
    #expect(try InferenceContext(model, threads: 1, context: -5).capacity == 16)
    #expect(try InferenceContext(model, threads: 1, context: 17).capacity == 32)
  }

  /// A load that is stopped leaves no threads behind.
  @Test func stoppedLoadsLeaveNoThreads() throws {
    let model = try TinyModel.llama().withFile { try Model(path: $0) }
    func threads() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }
    let before = try threads()
    var stopped = 0
    for _ in 0..<20 {
      do {
        _ = try InferenceContext(model, threads: 7, context: 32, progress: { _ in false })
      } catch is CancellationError {
        stopped += 1  // unless the other threads did all the work before the first could ask
      }
    }
    #expect(stopped > 0)
    // Other tests have threads too, but not as many as 20 pools.
    #expect(try threads() < before + 60)
  }
}
