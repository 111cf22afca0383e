import CKernels

/// What differs between the graphs of the supported architectures. The forward pass is one; this table is
/// all it asks. Facts: llama.cpp's model definitions and the models' papers.
public struct Architecture: Sendable {
  /// As in `general.architecture`.
  public let name: String
  let rope: RopeStyle
  var gate = Gate.silu
  /// Norms of a sublayer's output, before the residual add (`post_attention_norm`, `post_ffw_norm`).
  var hasPostNorms = false
  /// The token embedding is scaled by √width.
  var scalesEmbedding = false
  /// Every n-th layer sees all positions, those between only a window; nil: all see all.
  var globalLayerPeriod: Int?
  /// RoPE base of the windowed layers, where it is another.
  var localRopeBase: Double?

  enum RopeStyle: Sendable {
    /// Rotates elements 2i and 2i + 1.
    case adjacent
    /// Rotates elements i and i + half.
    case halves

    var kernelValue: Int32 { Int32(self == .adjacent ? PARE_ROPE_ADJACENT : PARE_ROPE_HALVES) }
  }

  enum Gate: Sendable {
    case silu, gelu
    var kernelValue: Int32 { Int32(self == .silu ? PARE_GATE_SILU : PARE_GATE_GELU) }
  }

  /// The supported architectures. Biases and per-head query and key norms are not listed: they apply
  /// wherever the file has their tensors.
  static let table: [Architecture] = [
    Architecture(name: "llama", rope: .adjacent),
    Architecture(name: "qwen2", rope: .halves),
    Architecture(
      name: "gemma3", rope: .halves, gate: .gelu, hasPostNorms: true, scalesEmbedding: true,
      globalLayerPeriod: 6, localRopeBase: 10_000),
  ]

  static func named(_ name: String) -> Architecture? { table.first { $0.name == name } }

  /// Whether a layer sees only a window of positions.
  func isLocal(layer: Int) -> Bool { globalLayerPeriod.map { (layer + 1) % $0 != 0 } ?? false }
}
