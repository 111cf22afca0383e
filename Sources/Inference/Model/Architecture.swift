import CKernels

/// The differences between the graphs of the supported architectures. There is one forward pass; this table
/// and the file's keys and tensors select its variants. Sources: llama.cpp's model definitions and the
/// models' papers.
public struct Architecture: Sendable {
  /// The value of `general.architecture`.
  public let name: String
  let rope: RopeStyle
  /// Files that rotate by several positions, as models of pictures do, rotate halves; for a text all
  /// positions are the same.
  var rotatesHalvesInSections = false
  /// The activation of the MLP's gate, or of its `up` where it has none.
  var activation = Activation.silu
  /// Whether the MLP has a gate, in a tensor of its own or as the first half of `ffn_up`.
  var hasGate = true
  var norm = NormKind.rms
  /// Norms of a sublayer's input (`attn_norm`, `ffn_norm`).
  var hasPreNorms = true
  /// The name of the norm of the MLP's input.
  var mlpNorm = "ffn_norm"
  /// Whether a layer without `ffn_norm` has a parallel residual: its MLP reads the input of its attention.
  var allowsParallelMLP = false
  /// Norms of a sublayer's output, before the residual add (`post_attention_norm`, `post_ffw_norm`).
  var hasPostNorms = false
  /// Whether norms of query and key heads come after the rotation.
  var normsHeadsAfterRope = false
  /// Norms before the last matrix of a sublayer (`attn_sub_norm`, `ffn_sub_norm`).
  var hasSubNorms = false
  /// The token embedding is scaled by √width, unless the file's `embedding_scale` says otherwise.
  var scalesEmbedding = false
  /// The use of `logit_scale` in computing logits, where the file has it.
  var logitScale = LogitScale.none
  /// The scales of a file without `embedding_scale`, `residual_scale` and `logit_scale`.
  var scales: Scales?
  /// llama.cpp knows the output head as the embedding alone, and refuses files with another.
  var tiesHead = false
  var windows: Windows?
  /// Every n-th layer does not rotate queries and keys; nil: all do.
  var unrotatedPeriod: Int?
  /// `rope.scaling.finetuned` false means that no layer rotates.
  var hasRopeSwitch = false
  /// `attention.rope_pattern` says which layers rotate.
  var hasRopePattern = false
  /// Queries grow with their position, where the file has `attention.temperature_scale`.
  var hasTemperature = false
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

  enum Activation: Sendable {
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

  enum LogitScale: Sendable { case none, divides, multiplies }

  /// Scales that follow from the size of the model (MiniCPM, arXiv 2404.06395).
  struct Scales: Sendable {
    /// The factor of token embeddings.
    var embedding: Double
    /// What sublayers add is multiplied by depth / √layers.
    var depth: Double
    /// Logits are divided by width / baseWidth.
    var baseWidth: Double
  }

  /// Layers that see only the positions near.
  struct Windows: Sendable {
    /// Every n-th layer sees all positions, those between only a window.
    var period: Int
    /// The window where the file does not say; 0: windows only where it says.
    var size = 0
    /// Only a model of this many layers has windows; nil: any.
    var layers: Int?
    /// Whether the layers that see all positions rotate, where there are windowed ones.
    var rotatesOthers = true
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
      name: "gemma2", rope: .halves, activation: .gelu, hasPostNorms: true, scalesEmbedding: true,
      tiesHead: true, windows: Windows(period: 2, size: 4096), attentionSoftCap: 50, logitSoftCap: 30,
      layersScaledByWidth: 46),
    Architecture(
      name: "gemma3", rope: .halves, activation: .gelu, hasPostNorms: true, scalesEmbedding: true,
      windows: Windows(period: 6, ropeBase: 10_000, scalesRope: false), layersScaledByWidth: 62),
    Architecture(name: "phi3", rope: .halves),
    Architecture(name: "smollm3", rope: .adjacent, unrotatedPeriod: 4),
    Architecture(
      name: "olmo2", rope: .halves, hasPreNorms: false, hasPostNorms: true,
      windows: Windows(period: 4, scalesRope: false)),
    Architecture(name: "granite", rope: .adjacent, logitScale: .divides, hasRopeSwitch: true),
    Architecture(name: "stablelm", rope: .halves, norm: .layer, allowsParallelMLP: true),
    Architecture(name: "bitnet", rope: .halves, hasSubNorms: true, tiesHead: true),
    Architecture(name: "bitnet-b1.58", rope: .halves, activation: .squaredRelu, hasSubNorms: true),
    Architecture(name: "bitnet-25", rope: .halves, activation: .squaredRelu, hasSubNorms: true),
    Architecture(name: "mistral3", rope: .adjacent, hasTemperature: true),
    Architecture(name: "qwen2vl", rope: .halves),
    Architecture(name: "qwen3vl", rope: .halves),
    Architecture(
      name: "exaone4", rope: .halves, hasPreNorms: false, hasPostNorms: true,
      windows: Windows(period: 4, size: 4096, layers: 64, rotatesOthers: false)),
    Architecture(name: "glm4", rope: .adjacent, rotatesHalvesInSections: true, hasPostNorms: true),
    Architecture(name: "ernie4_5", rope: .adjacent),
    Architecture(name: "hunyuan-dense", rope: .halves, normsHeadsAfterRope: true),
    Architecture(name: "seed_oss", rope: .halves, mlpNorm: "post_attention_norm"),
    Architecture(name: "gemma", rope: .halves, activation: .gelu, scalesEmbedding: true, tiesHead: true),
    Architecture(
      name: "minicpm", rope: .adjacent, logitScale: .divides,
      scales: Scales(embedding: 12, depth: 1.4, baseWidth: 256)),
    Architecture(name: "internlm2", rope: .adjacent),
    Architecture(
      name: "command-r", rope: .adjacent, norm: .layer, allowsParallelMLP: true, logitScale: .multiplies,
      tiesHead: true),
    Architecture(
      name: "cohere2", rope: .adjacent, norm: .layer, allowsParallelMLP: true, logitScale: .multiplies,
      tiesHead: true, windows: Windows(period: 4, rotatesOthers: false)),
    Architecture(name: "starcoder2", rope: .halves, activation: .gelu, hasGate: false, norm: .layer),
    Architecture(name: "nemotron", rope: .halves, activation: .squaredRelu, hasGate: false, norm: .layer),
    Architecture(name: "arcee", rope: .adjacent, activation: .squaredRelu, hasGate: false),
    // 7B and 11B; the attention of 40B and 180B reads a norm of its own, `attn_norm_2`, and is refused.
    Architecture(
      name: "falcon", rope: .halves, activation: .gelu, hasGate: false, norm: .layer, allowsParallelMLP: true),
    // Files say which layers have windows, and which rotate.
    Architecture(
      name: "granite_swa", rope: .adjacent, logitScale: .divides, windows: Windows(period: 1),
      hasRopePattern: true),
  ]

  static func named(_ name: String) -> Architecture? { table.first { $0.name == name } }
}
