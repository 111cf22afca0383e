import CKernels

/// The differences between the graphs of the supported architectures. There is one forward pass; this table
/// and the file's keys and tensors select its variants. Sources: llama.cpp's model definitions and the
/// models' papers.
public struct Architecture: Sendable {
  /// The value of `general.architecture`.
  public let name: String
  let rope: RopeStyle
  var gate = Gate.silu
  var norm = NormKind.rms
  /// Norms of a sublayer's input (`attn_norm`, `ffn_norm`).
  var hasPreNorms = true
  /// Whether a layer without `ffn_norm` has a parallel residual: its MLP reads the input of its attention.
  var allowsParallelMLP = false
  /// Norms of a sublayer's output, before the residual add (`post_attention_norm`, `post_ffw_norm`).
  var hasPostNorms = false
  /// Norms before the last matrix of a sublayer (`attn_sub_norm`, `ffn_sub_norm`).
  var hasSubNorms = false
  /// The token embedding is scaled by √width, unless the file's `embedding_scale` says otherwise.
  var scalesEmbedding = false
  /// The use of `logit_scale` in computing logits, where the file has it.
  var logitScale = LogitScale.none
  var windows: Windows?
  /// Every n-th layer does not rotate queries and keys; nil: all do.
  var unrotatedPeriod: Int?
  /// `rope.scaling.finetuned` false means that no layer rotates.
  var hasRopeSwitch = false
  /// Layers may lack attention or MLP, or have one matrix in the place of attention.
  var allowsPartialLayers = false
  /// Caps of attention scores and logits where the file has none; 0: none.
  var attentionSoftCap: Float = 0
  var logitSoftCap: Float = 0
  /// A deeper model of this many layers scales scores by √(width / heads) instead of √(key width).
  var layersScaledByWidth: Int?

  enum RopeStyle: Sendable {
    /// Rotates elements 2i and 2i + 1.
    case adjacent
    /// Rotates elements i and i + half.
    case halves

    var kernelValue: Int32 { Int32(self == .adjacent ? PARE_ROPE_ADJACENT : PARE_ROPE_HALVES) }
  }

  enum Gate: Sendable {
    case silu, gelu
    /// relu(x)²
    case squaredRelu

    var kernelValue: Int32 {
      switch self {
      case .silu: Int32(PARE_GATE_SILU)
      case .gelu: Int32(PARE_GATE_GELU)
      case .squaredRelu: Int32(PARE_GATE_RELU2)
      }
    }
  }

  enum NormKind: Sendable {
    /// x / √mean(x²)
    case rms
    /// (x − mean) / √variance
    case layer
  }

  enum LogitScale: Sendable { case none, divides }

  /// Layers that see only the positions near.
  struct Windows: Sendable {
    /// Every n-th layer sees all positions, those between only a window.
    var period: Int
    /// The window where the file does not say; 0: windows only where it says.
    var size = 0
    /// RoPE base of the windowed layers; nil: that of the others.
    var ropeBase: Double?
    /// Whether the windowed layers scale positions as the others do.
    var scalesRope = true
  }

  /// The supported architectures. Biases, norms of query and key heads, and matrices that the file fuses are
  /// not listed: they apply wherever the file has their tensors.
  static let table: [Architecture] = [
    Architecture(name: "llama", rope: .adjacent),
    // Llama with layers of different shapes: without attention, with a matrix in its place, without MLP.
    Architecture(name: "deci", rope: .adjacent, allowsPartialLayers: true),
    Architecture(name: "qwen2", rope: .halves),
    Architecture(name: "qwen3", rope: .halves),
    Architecture(
      name: "gemma2", rope: .halves, gate: .gelu, hasPostNorms: true, scalesEmbedding: true,
      windows: Windows(period: 2, size: 4096), attentionSoftCap: 50, logitSoftCap: 30,
      layersScaledByWidth: 46),
    Architecture(
      name: "gemma3", rope: .halves, gate: .gelu, hasPostNorms: true, scalesEmbedding: true,
      windows: Windows(period: 6, ropeBase: 10_000, scalesRope: false), layersScaledByWidth: 62),
    Architecture(name: "phi3", rope: .halves),
    Architecture(name: "smollm3", rope: .adjacent, unrotatedPeriod: 4),
    Architecture(
      name: "olmo2", rope: .halves, hasPreNorms: false, hasPostNorms: true,
      windows: Windows(period: 4, scalesRope: false)),
    Architecture(name: "granite", rope: .adjacent, logitScale: .divides, hasRopeSwitch: true),
    Architecture(name: "stablelm", rope: .halves, norm: .layer, allowsParallelMLP: true),
    Architecture(name: "bitnet", rope: .halves, hasSubNorms: true),
    Architecture(name: "bitnet-b1.58", rope: .halves, gate: .squaredRelu, hasSubNorms: true),
    Architecture(name: "bitnet-25", rope: .halves, gate: .squaredRelu, hasSubNorms: true),
  ]

  static func named(_ name: String) -> Architecture? { table.first { $0.name == name } }
}
