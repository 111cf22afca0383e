import GGUF
import Quantization

/// The tensors of one layer, found in the file and checked for shape.
struct LayerTensors: Sendable {
  var attention: Attention
  var mlp: MLP

  struct Attention: Sendable {
    /// Rows: query heads, KV heads, KV heads, residual width.
    var query, key, value, output: MatrixSource
    var norm: Tensor
    var queryBias, keyBias, valueBias, outputBias: Tensor?
    /// Norms over each head of q and k.
    var queryNorm, keyNorm: Tensor?
    var postNorm: Tensor?
  }

  struct MLP: Sendable {
    var gate, up, down: MatrixSource
    var norm: Tensor
    var postNorm: Tensor?
  }
}

/// Finds tensors by name and refuses those of another shape.
struct TensorFinder {
  let file: GGUFFile

  func matrix(_ name: String, columns: Int, rows: Int) throws -> MatrixSource {
    guard let tensor = file[name] else { throw missing(name) }
    guard tensor.shape == [columns, rows] else {
      throw GGUFError(
        file: file.path, place: "tensor \(name)",
        "has shape \(tensor.shape); the model's keys ask for \([columns, rows])")
    }
    guard tensor.type != .i2_s, !tensor.type.isInteger else {
      throw GGUFError(
        file: file.path, place: "tensor \(name)", "has type \(tensor.type.name), which is not supported")
    }
    return MatrixSource(tensor)
  }

  /// The weight of a norm that the architecture has.
  func norm(_ name: String, count: Int) throws -> Tensor {
    guard let tensor = try vector(name, count: count) else { throw missing(name) }
    return tensor
  }

  private func missing(_ name: String) -> GGUFError {
    GGUFError(file: file.path, place: "tensor \(name)", "is missing: the file is incomplete")
  }

  /// A vector of `count` plain floats; nil when the file has none of that name.
  func vector(_ name: String, count: Int) throws -> Tensor? {
    guard let tensor = file[name] else { return nil }
    guard tensor.elementCount == count, [.f32, .f16, .bf16].contains(tensor.type) else {
      throw GGUFError(
        file: file.path, place: "tensor \(name)",
        "is \(tensor.type.name) of shape \(tensor.shape); \(count) plain floats are needed")
    }
    return tensor
  }
}

extension BlockType {
  fileprivate var isInteger: Bool { [.i8, .i16, .i32, .i64].contains(self) }
}

extension LayerTensors {
  init(_ finder: TensorFinder, layer: Int, shape: Hyperparameters, architecture: Architecture) throws {
    let prefix = "blk.\(layer)."
    let queryRows = shape.heads * shape.keyWidth
    let keyRows = shape.kvHeads * shape.keyWidth
    let valueRows = shape.kvHeads * shape.valueWidth
    func matrix(_ name: String, _ columns: Int, _ rows: Int) throws -> MatrixSource {
      try finder.matrix(prefix + name + ".weight", columns: columns, rows: rows)
    }
    func vector(_ name: String, _ count: Int) throws -> Tensor? {
      try finder.vector(prefix + name, count: count)
    }
    func norm(_ name: String) throws -> Tensor {
      try finder.norm(prefix + name + ".weight", count: shape.width)
    }
    attention = Attention(
      query: try matrix("attn_q", shape.width, queryRows),
      key: try matrix("attn_k", shape.width, keyRows),
      value: try matrix("attn_v", shape.width, valueRows),
      output: try matrix("attn_output", shape.heads * shape.valueWidth, shape.width),
      norm: try norm("attn_norm"),
      queryBias: try vector("attn_q.bias", queryRows),
      keyBias: try vector("attn_k.bias", keyRows),
      valueBias: try vector("attn_v.bias", valueRows),
      outputBias: try vector("attn_output.bias", shape.width),
      queryNorm: try vector("attn_q_norm.weight", shape.keyWidth),
      keyNorm: try vector("attn_k_norm.weight", shape.keyWidth),
      postNorm: try architecture.hasPostNorms ? norm("post_attention_norm") : nil)
    mlp = MLP(
      gate: try matrix("ffn_gate", shape.width, shape.mlpWidth),
      up: try matrix("ffn_up", shape.width, shape.mlpWidth),
      down: try matrix("ffn_down", shape.mlpWidth, shape.width),
      norm: try norm("ffn_norm"),
      postNorm: try architecture.hasPostNorms ? norm("post_ffw_norm") : nil)
  }
}
