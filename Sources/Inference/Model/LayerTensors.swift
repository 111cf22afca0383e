import GGUF
import Quantization

/// The tensors of one layer, found in the file and checked for shape.
struct LayerTensors: Sendable {
  /// The attention; nil where the layer has none.
  var attention: Attention?
  var mlp: MLP?

  struct Attention: Sendable {
    var input: Input
    /// The heads; nil where the output matrix is applied to the sublayer's input itself, a linear map in
    /// place of attention.
    var heads: Heads?
    var subNorm: Norm?
    var output: MatrixSource
    var outputBias: VectorSource?
    var postNorm: Norm?
  }

  /// The projections and norms of attention's heads.
  struct Heads: Sendable {
    /// Rows: query heads, KV heads, KV heads.
    var query, key, value: MatrixSource
    var queryBias, keyBias, valueBias: VectorSource?
    var queryNorm, keyNorm: HeadNorm?
    /// One score for each query head; see ``Weights/AttentionWeights/sinks``.
    var sinks: VectorSource?
  }

  struct MLP: Sendable {
    var input: Input
    /// nil where the activation is that of `up`.
    var gate: MatrixSource?
    var up, down: MatrixSource
    var gateBias, upBias, downBias: VectorSource?
    var subNorm: Norm?
    var postNorm: Norm?
  }

  /// The input of a sublayer.
  enum Input: Sendable {
    case norm(Norm)
    /// The stream without a norm.
    case stream
    /// The input of the same layer's attention.
    case attentionInput
  }

  /// A norm of queries or keys: over each head, with weights of its own or shared, or over all heads as one.
  struct HeadNorm: Sendable {
    var weight: VectorSource
    var coversAllHeads: Bool
  }
}

extension LayerTensors {
  init(_ finder: TensorFinder, layer: Int, shape: Hyperparameters, architecture: Architecture) throws {
    let reader = LayerReader(
      finder: finder, prefix: "blk.\(layer).", layer: shape.layerShapes[layer], shape: shape,
      architecture: architecture)
    attention = try reader.attention()
    mlp = try reader.mlp()
  }
}

extension LayerTensors {
  /// The norm of a sublayer's input; nil for none.
  func norm(of input: Input) -> Norm? {
    switch input {
    case .norm(let norm): norm
    case .stream: nil
    case .attentionInput: attention.flatMap { norm(of: $0.input) }
    }
  }

  func matrices(of sublayer: Plan.Sublayer) -> [MatrixSource] {
    switch sublayer {
    case .attention:
      guard let attention else { return [] }
      let heads = attention.heads.map { [$0.query, $0.key, $0.value] } ?? []
      return heads + [attention.output]
    case .mlp: return mlp.map { [$0.gate, $0.up, $0.down].compactMap(\.self) } ?? []
    }
  }
}

/// Reads the tensors of one layer.
private struct LayerReader {
  let finder: TensorFinder
  let prefix: String
  let layer: LayerShape
  let shape: Hyperparameters
  let architecture: Architecture

  func attention() throws -> LayerTensors.Attention? {
    guard layer.queryHeads > 0 else { return nil }
    let attended = layer.kvHeads > 0 ? layer.queryHeads * layer.valueWidth : shape.width
    return LayerTensors.Attention(
      input: try architecture.hasPreNorms ? .norm(norm("attn_norm")) : .stream,
      heads: try layer.kvHeads > 0 ? heads() : nil,
      subNorm: try architecture.hasSubNorms ? norm("attn_sub_norm", attended) : nil,
      output: try matrix("attn_output", attended, shape.width),
      outputBias: try bias("attn_output", shape.width),
      postNorm: try architecture.hasPostNorms ? norm("post_attention_norm") : nil)
  }

  private func heads() throws -> LayerTensors.Heads {
    let rows = [
      layer.queryHeads * layer.keyWidth, layer.kvHeads * layer.keyWidth, layer.kvHeads * layer.valueWidth,
    ]
    let matrices: [MatrixSource]
    var biases: [VectorSource?]
    if finder.has(prefix + "attn_qkv.weight") {
      matrices = try finder.fused(prefix + "attn_qkv.weight", columns: shape.width, rows: rows)
      let bias = try bias("attn_qkv", rows.reduce(0, +))
      biases = [
        bias?[0..<rows[0]], bias?[rows[0]..<rows[0] + rows[1]],
        bias?[rows[0] + rows[1]..<rows.reduce(0, +)],
      ]
    } else {
      let names = ["attn_q", "attn_k", "attn_v"]
      matrices = try zip(names, rows).map { try matrix($0, shape.width, $1) }
      biases = try zip(names, rows).map { try bias($0, $1) }
    }
    return LayerTensors.Heads(
      query: matrices[0], key: matrices[1], value: matrices[2],
      queryBias: biases[0], keyBias: biases[1], valueBias: biases[2],
      queryNorm: try headNorm("attn_q_norm", heads: layer.queryHeads),
      keyNorm: try headNorm("attn_k_norm", heads: layer.kvHeads),
      sinks: try finder.vector(prefix + "attn_sinks.weight", count: layer.queryHeads))
  }

  /// One row of weights serves all heads; as many rows as heads, each its own; as many elements in one row,
  /// all heads as one.
  private func headNorm(_ name: String, heads: Int) throws -> LayerTensors.HeadNorm? {
    let name = prefix + name + ".weight"
    guard let tensor = finder.file[name] else { return nil }
    let isShared = tensor.elementCount == layer.keyWidth
    let count = isShared ? layer.keyWidth : heads * layer.keyWidth
    return try finder.vector(name, count: count).map {
      LayerTensors.HeadNorm(weight: $0, coversAllHeads: !isShared && tensor.shape.count == 1)
    }
  }

  func mlp() throws -> LayerTensors.MLP? {
    let width = layer.mlpWidth
    guard width > 0 else { return nil }
    let (gate, up) = try gateAndUp(width)
    return LayerTensors.MLP(
      input: try mlpInput(), gate: gate, up: up,
      down: try matrix("ffn_down", width, shape.width),
      gateBias: try bias("ffn_gate", width), upBias: try bias("ffn_up", width),
      downBias: try bias("ffn_down", shape.width),
      subNorm: try architecture.hasSubNorms ? norm("ffn_sub_norm", width) : nil,
      postNorm: try architecture.hasPostNorms ? norm("post_ffw_norm") : nil)
  }

  /// The gate, where the architecture has one, and up; a file without `ffn_gate` has both in `ffn_up`.
  private func gateAndUp(_ width: Int) throws -> (gate: MatrixSource?, up: MatrixSource) {
    if architecture.hasGate, !finder.has(prefix + "ffn_gate.weight") {
      let both = try finder.fused(prefix + "ffn_up.weight", columns: shape.width, rows: [width, width])
      return (both[0], both[1])
    }
    return (
      try architecture.hasGate ? matrix("ffn_gate", shape.width, width) : nil,
      try matrix("ffn_up", shape.width, width)
    )
  }

  private func mlpInput() throws -> LayerTensors.Input {
    guard architecture.hasPreNorms else { return .stream }
    let name = architecture.mlpNorm
    if architecture.allowsParallelMLP && !finder.has(prefix + name + ".weight") { return .attentionInput }
    return .norm(try norm(name))
  }

  private func matrix(_ name: String, _ columns: Int, _ rows: Int) throws -> MatrixSource {
    try finder.matrix(prefix + name + ".weight", columns: columns, rows: rows)
  }

  private func bias(_ name: String, _ count: Int) throws -> VectorSource? {
    try finder.vector(prefix + name + ".bias", count: count)
  }

  private func norm(_ name: String, _ count: Int? = nil) throws -> Norm {
    try finder.norm(prefix + name, count: count ?? shape.width, kind: architecture.norm)
  }
}
