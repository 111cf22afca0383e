import Foundation
import GGUF
import Inference

/// A model file of random weights, small enough to make, read and throw away in milliseconds.
///
/// Its tokenizer knows each byte of printable ASCII, space and line feed as a token, and three control
/// tokens.
package struct TinyModel {
  package var metadata: Metadata
  package var tensors: [TensorSpecification] = []
  package var seed: UInt64 = 1

  package struct TensorSpecification {
    package var name: String
    package var shape: [Int]
    package var type: BlockType
    /// Spread of the values, around `mean`.
    package var scale: Float
    package var mean: Float
    /// The values themselves, in f32; nil for random ones.
    package var values: [Float]?

    package init(
      name: String, shape: [Int], type: BlockType, scale: Float, mean: Float = 0, values: [Float]? = nil
    ) {
      self.values = values
      self.name = name
      self.shape = shape
      self.type = type
      self.scale = scale
      self.mean = mean
    }
  }

  package struct Sizes {
    package var layers: Int
    package var width: Int
    package var heads: Int
    package var kvHeads: Int
    package var headWidth: Int
    package var mlpWidth: Int
    package var context: Int

    package init(
      layers: Int = 5, width: Int = 64, heads: Int = 4, kvHeads: Int = 2, headWidth: Int = 16,
      mlpWidth: Int = 96, context: Int = 4096
    ) {
      self.layers = layers
      self.width = width
      self.heads = heads
      self.kvHeads = kvHeads
      self.headWidth = headWidth
      self.mlpWidth = mlpWidth
      self.context = context
    }
  }

  package static let vocabulary = 99

  private init(_ architecture: String, _ sizes: Sizes) {
    let printable = (0x21...0x7E).map { String(UnicodeScalar(UInt8($0))) }
    let tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + printable + ["Ġ", "Ċ"]
    metadata = [
      "general.architecture": .string(architecture),
      "general.name": .string("tiny \(architecture)"),
      "tokenizer.ggml.model": .string("gpt2"),
      "tokenizer.ggml.pre": .string("smollm"),
      "tokenizer.ggml.tokens": .array(MetadataArray(tokens)),
      "tokenizer.ggml.token_type": .array(MetadataArray((0..<Self.vocabulary).map { Int32($0 < 3 ? 3 : 1) })),
      "tokenizer.ggml.merges": .array(MetadataArray(["x y"])),
      "tokenizer.ggml.bos_token_id": .uint32(0),
      "tokenizer.ggml.eos_token_id": .uint32(2),
      "tokenizer.ggml.add_bos_token": .bool(false),
    ]
    let numbers: KeyValuePairs = [
      "block_count": sizes.layers, "embedding_length": sizes.width, "feed_forward_length": sizes.mlpWidth,
      "attention.head_count": sizes.heads, "attention.head_count_kv": sizes.kvHeads,
      "attention.key_length": sizes.headWidth, "attention.value_length": sizes.headWidth,
      "context_length": sizes.context,
    ]
    for (key, value) in numbers { metadata["\(architecture).\(key)"] = .uint32(UInt32(value)) }
    metadata["\(architecture).attention.layer_norm_rms_epsilon"] = .float32(1e-6)
  }

  private mutating func addMatrix(_ name: String, _ columns: Int, _ rows: Int, _ type: BlockType) {
    tensors.append(
      TensorSpecification(
        name: name + ".weight", shape: [columns, rows], type: type, scale: 1 / Float(columns).squareRoot()))
  }

  private mutating func addNorm(_ name: String, _ count: Int) {
    tensors.append(
      TensorSpecification(name: name + ".weight", shape: [count], type: .f32, scale: 0.2, mean: 1))
  }

  private mutating func addBias(_ name: String, _ count: Int) {
    tensors.append(TensorSpecification(name: name + ".bias", shape: [count], type: .f32, scale: 0.3))
  }

  /// `types` are taken in turn by the matrices of a layer: q, k, v, output, gate, up, down.
  private mutating func addLayers(
    _ sizes: Sizes, types: [BlockType], extra: (inout TinyModel, _ prefix: String) -> Void
  ) {
    for layer in 0..<sizes.layers {
      let prefix = "blk.\(layer)."
      let queries = sizes.heads * sizes.headWidth, keys = sizes.kvHeads * sizes.headWidth
      for (index, (name, columns, rows)) in [
        ("attn_q", sizes.width, queries), ("attn_k", sizes.width, keys), ("attn_v", sizes.width, keys),
        ("attn_output", queries, sizes.width), ("ffn_gate", sizes.width, sizes.mlpWidth),
        ("ffn_up", sizes.width, sizes.mlpWidth), ("ffn_down", sizes.mlpWidth, sizes.width),
      ].enumerated() {
        addMatrix(prefix + name, columns, rows, types[index % types.count])
      }
      addNorm(prefix + "attn_norm", sizes.width)
      addNorm(prefix + "ffn_norm", sizes.width)
      extra(&self, prefix)
    }
    addNorm("output_norm", sizes.width)
  }
}

extension TinyModel {
  /// Tied head, grouped heads, neighbouring pairs rotated.
  package static func llama(_ sizes: Sizes = Sizes()) -> TinyModel {
    var model = TinyModel("llama", sizes)
    model.addMatrix("token_embd", sizes.width, vocabulary, .q8_0)
    model.addLayers(sizes, types: [.q4_1, .q5_0, .q8_0, .q4_0, .q5_1]) { _, _ in }
    return model
  }

  /// Biases, a head of its own, a rotation base, matrices in K-quants where they have 256 columns.
  package static func qwen2() -> TinyModel {
    let sizes = Sizes(layers: 4, width: 256, heads: 8, kvHeads: 2, headWidth: 32, mlpWidth: 512)
    var model = TinyModel("qwen2", sizes)
    model.metadata["qwen2.rope.freq_base"] = .float32(1_000_000)
    model.addMatrix("token_embd", sizes.width, vocabulary, .q4_k)
    model.addMatrix("output", sizes.width, vocabulary, .q6_k)
    model.addLayers(sizes, types: [.q4_k, .q2_k, .q6_k, .q5_k, .q3_k]) { model, prefix in
      model.addBias(prefix + "attn_q", sizes.heads * sizes.headWidth)
      model.addBias(prefix + "attn_k", sizes.kvHeads * sizes.headWidth)
      model.addBias(prefix + "attn_v", sizes.kvHeads * sizes.headWidth)
    }
    return model
  }

  /// Norms of heads and after sublayers, windows, two rotation bases; widths that are no multiples of 32.
  package static func gemma3() -> TinyModel {
    let sizes = Sizes(layers: 7, width: 80, heads: 3, kvHeads: 1, headWidth: 32, mlpWidth: 112)
    var model = TinyModel("gemma3", sizes)
    model.metadata["gemma3.rope.freq_base"] = .float32(1_000_000)
    model.metadata["gemma3.attention.sliding_window"] = .uint32(9)
    model.addMatrix("token_embd", sizes.width, vocabulary, .bf16)
    model.addLayers(sizes, types: [.f16, .bf16, .f32]) { model, prefix in
      model.addNorm(prefix + "attn_q_norm", sizes.headWidth)
      model.addNorm(prefix + "attn_k_norm", sizes.headWidth)
      model.addNorm(prefix + "post_attention_norm", sizes.width)
      model.addNorm(prefix + "post_ffw_norm", sizes.width)
    }
    return model
  }

  /// All matrices in one type, some with a scale of their own.
  package static func llama(in type: BlockType) -> TinyModel {
    let sizes = Sizes(layers: 2, width: 256, heads: 4, kvHeads: 2, headWidth: 64, mlpWidth: 512)
    var model = TinyModel("llama", sizes)
    model.addMatrix("token_embd", sizes.width, vocabulary, type)
    model.addMatrix("output", sizes.width, vocabulary, type)
    model.addLayers(sizes, types: [type]) { model, prefix in
      for name in ["attn_q", "ffn_down"] {
        model.tensors.append(
          TensorSpecification(name: prefix + name + ".scale", shape: [1], type: .f32, scale: 0.2, mean: 0.7))
      }
    }
    return model
  }

  /// BitNet's graph with ternary matrices under one scale each; rows of the MLP are no whole number of
  /// blocks.
  package static func bitnet() -> TinyModel {
    let sizes = Sizes(layers: 3, width: 128, heads: 4, kvHeads: 2, headWidth: 32, mlpWidth: 192)
    var model = TinyModel("bitnet-b1.58", sizes)
    model.addMatrix("token_embd", sizes.width, vocabulary, .f16)
    model.addLayers(sizes, types: [.i2_s]) { model, prefix in
      model.addNorm(prefix + "attn_sub_norm", sizes.heads * sizes.headWidth)
      model.addNorm(prefix + "ffn_sub_norm", sizes.mlpWidth)
    }
    return model
  }

  package static func named(_ architecture: String) -> TinyModel {
    switch architecture {
    case "llama": llama()
    case "qwen2": qwen2()
    default: gemma3()
    }
  }

  package static let architectures = ["llama", "qwen2", "gemma3"]

  /// The same model with a tail for multi-token prediction behind it: a layer like the last one and what goes
  /// with it. Lists with a value for each layer count it.
  package func withTail() -> TinyModel {
    var model = self
    guard case .string(let architecture)? = metadata["general.architecture"],
      let layers = metadata["\(architecture).block_count"]?.integer,
      let width = metadata["\(architecture).embedding_length"]?.integer
    else { return self }
    model.metadata["\(architecture).block_count"] = .uint32(UInt32(layers + 1))
    model.metadata["\(architecture).nextn_predict_layers"] = .uint32(1)
    for key in ["attention.head_count", "attention.head_count_kv", "feed_forward_length"] {
      let key = "\(architecture).\(key)", value = UInt32(metadata[key]?.integer ?? 0)
      model.metadata[key] = .array(MetadataArray((0...layers).map { $0 < layers ? value : 0 }))
    }
    let last = "blk.\(layers - 1).", tail = "blk.\(layers)."
    for var tensor in tensors where tensor.name.hasPrefix(last) {
      tensor.name = tail + tensor.name.dropFirst(last.count)
      model.tensors.append(tensor)
    }
    model.addMatrix(tail + "nextn.eh_proj", 2 * width, width, .q8_0)
    for name in ["enorm", "hnorm", "shared_head_norm"] { model.addNorm(tail + "nextn." + name, width) }
    return model
  }

  /// The same model without a token that ends an answer.
  package var endless: TinyModel {
    var model = self
    let tokens = model.metadata["tokenizer.ggml.tokens"]
    guard case .array(let array)? = tokens, let spellings = array.byteStrings else { return self }
    model.metadata["tokenizer.ggml.tokens"] = .array(
      MetadataArray(spellings.enumerated().map { $0.offset < 3 ? Array("<c\($0.offset)>".utf8) : $0.element })
    )
    model.metadata["tokenizer.ggml.eos_token_id"] = nil
    return model
  }
}

extension TinyModel {
  /// Writes the file, hands its path to `body`, and removes it.
  package func withFile<Result>(_ body: (_ path: String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("tiny-\(UUID().uuidString).gguf").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try write(to: path)
    return try body(path)
  }

  package func write(to path: String) throws {
    var writer = GGUFWriter(metadata: metadata)
    var random = SeededGenerator(seed: seed)
    for tensor in tensors {
      if let values = tensor.values {
        writer.add(
          tensor.name, shape: tensor.shape, type: .f32, bytes: values.withUnsafeBytes { Array($0) })
        continue
      }
      let count = tensor.shape.reduce(1, *)
      var bytes = RandomBlocks.bytes(tensor.type, count: count, scale: tensor.scale, using: &random)
      if tensor.mean != 0 {
        let values = bytes.withUnsafeBytes { $0.bindMemory(to: Float.self).map { $0 + tensor.mean } }
        bytes = values.withUnsafeBytes { Array($0) }
      }
      writer.add(tensor.name, shape: tensor.shape, type: tensor.type, bytes: bytes)
    }
    try writer.write(to: path)
  }
}
