import Foundation
import GGUF
import Quantization
import Templates
import Tokenization

/// A model file, opened and checked: its sizes, tensors, tokenizer and chat format. Immutable.
public final class Model: Sendable {
  /// The file, which stays mapped.
  public let file: GGUFFile
  /// The file's name without its ending and type.
  public let name: String
  public let architecture: Architecture
  public let shape: Hyperparameters
  public let tokenizer: Tokenizer
  public let chatFormat: ChatFormat
  /// The model's default sampling options.
  public let sampling: SamplingOptions
  /// The number of weights in all tensors but those of the tail.
  public let parameterCount: Int
  let layers: [LayerTensors]
  let embedding: MatrixSource
  /// The matrix of the output head; the embedding where the two are tied.
  let head: MatrixSource
  let finalNorm: Norm
  private let ropeDivisors: RopeDivisors

  /// Opens a GGUF file.
  ///
  /// - Parameter template: Jinja source that replaces the file's chat template.
  /// - Throws: ``GGUFError`` when the file is missing, damaged, or of an unknown architecture or tokenizer;
  ///   ``TemplateError`` when `template` cannot be parsed. What only chat needs (the file's template, its
  ///   sampling options) is no reason.
  public init(path: String, template: String? = nil) throws {
    file = try GGUFFile(path: path)
    let metadata = file.metadata
    architecture = try Architecture(of: metadata)
    name = Self.name(of: path)
    tokenizer = try Tokenizer(metadata: metadata, chatTemplate: template)
    chatFormat = try ChatFormat(metadata: metadata, tokenizer: tokenizer, override: template)
    shape = try Hyperparameters(metadata, architecture: architecture, vocabulary: tokenizer.vocabularySize)

    let finder = TensorFinder(file)
    embedding = try finder.matrix("token_embd.weight", columns: shape.width, rows: shape.vocabulary)
    head =
      file["output.weight"] == nil
      ? embedding : try finder.matrix("output.weight", columns: shape.width, rows: shape.vocabulary)
    finalNorm = try finder.norm("output_norm", count: shape.width, kind: architecture.norm)
    ropeDivisors = try RopeDivisors(finder, pairs: shape.ropeDimensions / 2)
    layers = try (0..<shape.layers).map { [shape, architecture] in
      try LayerTensors(finder, layer: $0, shape: shape, architecture: architecture)
    }
    try finder.refuseSurplus(shape)

    parameterCount = file.tensors.reduce(0) { [shape] in $0 + (shape.isTail($1.name) ? 0 : $1.elementCount) }
    var sampling = SamplingOptions(metadata: metadata, parameters: parameterCount)
    sampling.loopGuard = SamplingOptions.standard.loopGuard
    self.sampling = sampling
  }

  /// The divisors of the angle of each rotated pair, in a context of `capacity` positions: [pairs]; nil for
  /// none.
  func ropeDivisors(capacity: Int) -> [Float]? {
    let isLong = capacity > shape.ropeScaling.originalContext
    return (ropeDivisors.always ?? (isLong ? ropeDivisors.long : ropeDivisors.short))?.values
  }

  /// Tensors of one divisor for each rotated pair: Llama 3's, or LongRoPE's (arXiv 2402.13753), which has
  /// others beyond the context of the first training.
  private struct RopeDivisors: Sendable {
    let always, long, short: VectorSource?

    init(_ finder: TensorFinder, pairs: Int) throws {
      always = try finder.vector("rope_freqs.weight", count: pairs)
      long = try finder.vector("rope_factors_long.weight", count: pairs)
      short = try finder.vector("rope_factors_short.weight", count: pairs)
    }
  }

  /// The file's name without the ending and the type, by which people know a model; `general.name` is often
  /// the name of a training run.
  static func name(of path: String) -> String {
    let file = URL(filePath: path)
    let stem = SplitName(file.lastPathComponent)?.stem ?? file.deletingPathExtension().lastPathComponent
    return String(stem.replacing(/[.-](?:I?Q\d\w*|TQ\d\w*|B?F16|F32|MXFP4)$/.ignoresCase(), with: ""))
  }

  /// Whether the MLP of some layer reads the input of its attention.
  var hasParallelSublayers: Bool {
    layers.contains { layer in
      if case .attentionInput? = layer.mlp?.input { true } else { false }
    }
  }

  /// The name of the file's mix of types, such as `Q4_K_M`, or else the type that holds most of the weights.
  public var fileType: String {
    if let name = FileType.name(file.metadata) { return name }
    var elements: [BlockType: Int] = [:]
    for tensor in tensors { elements[tensor.type, default: 0] += tensor.elementCount }
    return elements.max { ($0.value, $0.key.name) < ($1.value, $1.key.name) }?.key.name ?? "–"
  }
}

extension Model {
  /// Bytes of keys and values of a position in all layers of the baseline.
  public var kvBytesPerPosition: Int { shape.kvBytesPerPosition() }
}
