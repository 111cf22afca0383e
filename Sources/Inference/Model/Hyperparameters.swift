import CKernels
import GGUF

/// The sizes and constants of a model, from the `ARCH.*` keys of its file.
public struct Hyperparameters: Sendable, Hashable {
  /// The sizes that may differ from layer to layer.
  public var layerShapes: [LayerShape]
  /// Layers of the file behind those that run: a tail that drafts tokens for the model (multi-token
  /// prediction), and takes no part in what the model computes.
  public var tailLayers: Int
  /// Elements of the residual stream.
  public var width: Int
  /// Tokens of the vocabulary: rows of the output head.
  public var vocabulary: Int
  /// Positions the model was trained for.
  public var trainedContext: Int
  public var normEpsilon: Float
  /// Rotated elements of a head.
  public var ropeDimensions: Int
  public var ropeBase: Double
  /// RoPE base of windowed layers.
  public var localRopeBase: Double
  public var ropeScaling: RopeScaling
  public var localRopeScaling: RopeScaling
  /// The factor of token embeddings.
  public var embeddingScale: Float
  /// The factor of a sublayer's output before it is added to the stream.
  public var residualScale: Float
  /// The cap of scores, cap · tanh(score / cap); 0 for none.
  public var attentionSoftCap: Float
  /// The factor of logits.
  public var logitScale: Float
  /// The cap of logits, cap · tanh(logit / cap); 0 for none.
  public var logitSoftCap: Float

  /// The number of layers that run.
  public var layers: Int { layerShapes.count }

  init(_ metadata: Metadata, architecture: Architecture, vocabulary: Int) throws {
    let keys = KeyReader(metadata: metadata, prefix: architecture.name + ".")
    // Files of a single expert hold a dense MLP.
    let experts = try keys.integer("expert_count", in: 0...1_000_000, default: 0)
    guard experts <= 1 else {
      let name = architecture.name
      throw keys.error(
        "expert_count",
        "is \(experts): a mixture of experts over the attention of \(name), which is not supported; "
          + "the nearest that works is \(name) without experts")
    }
    self.vocabulary = vocabulary
    width = try keys.integer("embedding_length", in: 1...65_536)
    trainedContext = try keys.integer("context_length", in: 1...100_000_000)
    let count = try LayerCount(keys)
    tailLayers = count.tail
    layerShapes = try Self.layerShapes(keys, architecture, width: width, count)
    let keyWidth = layerShapes[0].keyWidth
    ropeDimensions = try keys.integer("rope.dimension_count", in: 0...keyWidth, default: keyWidth)
    guard ropeDimensions % 2 == 0 else {
      throw keys.error("rope.dimension_count", "is \(ropeDimensions), but pairs are rotated")
    }
    ropeBase = try keys.number("rope.freq_base") ?? 10_000
    localRopeBase = try keys.number("rope.freq_base_swa") ?? architecture.windows?.ropeBase ?? ropeBase
    guard ropeBase > 0, localRopeBase > 0 else { throw keys.error("rope.freq_base", "must be positive") }
    ropeScaling = try RopeScaling(keys, trainedContext: trainedContext)
    localRopeScaling =
      architecture.windows?.scalesRope == false ? RopeScaling(originalContext: trainedContext) : ropeScaling

    let epsilon = architecture.norm == .rms ? "layer_norm_rms_epsilon" : "layer_norm_epsilon"
    normEpsilon = Float(try keys.number("attention." + epsilon) ?? 1e-5)
    let ownScale = architecture.scalesEmbedding ? Double(width).squareRoot() : 1
    embeddingScale = Float(try keys.number("embedding_scale") ?? ownScale)
    residualScale = Float(try keys.number("residual_scale") ?? 1)
    attentionSoftCap = Float(
      try keys.number("attn_logit_softcapping") ?? Double(architecture.attentionSoftCap))
    logitSoftCap = Float(try keys.number("final_logit_softcapping") ?? Double(architecture.logitSoftCap))
    logitScale = 1
    if architecture.logitScale == .divides, let divisor = try keys.number("logit_scale"), divisor != 0 {
      logitScale = Float(1 / divisor)
    }
  }

  private static func layerShapes(
    _ keys: KeyReader, _ architecture: Architecture, width: Int, _ count: LayerCount
  ) throws -> [LayerShape] {
    let layers = count.running
    let least = architecture.allowsPartialLayers ? 0 : 1
    let heads = try keys.integers("attention.head_count", layers: count, in: least...1024)
    let kvHeads = try keys.integers(
      "attention.head_count_kv", layers: count, in: least...1024, default: heads)
    let mlpWidths = try keys.integers("feed_forward_length", layers: count, in: least...1_048_576)
    let windows = try self.windows(keys, architecture, layers: count)
    let headWidth = heads[0] > 0 ? width / heads[0] : nil  // without heads, the file must say
    let keyWidth = try keys.integer("attention.key_length", in: 1...1024, default: headWidth)
    let valueWidth = try keys.integer("attention.value_length", in: 1...1024, default: headWidth)
    let scaledByWidth = architecture.layersScaledByWidth == layers
    let scale = 1 / Double(scaledByWidth ? width / max(1, heads[0]) : keyWidth).squareRoot()
    let ownScale = try keys.number("attention.scale").flatMap { $0 == 0 ? nil : $0 }
    let rotates =
      try !architecture.hasRopeSwitch || keys.metadata.bool(keys.prefix + "rope.scaling.finetuned") ?? true
    return try (0..<layers).map { layer in
      guard kvHeads[layer] == 0 || heads[layer] % kvHeads[layer] == 0 else {
        throw keys.error(
          "attention.head_count_kv",
          "is \(kvHeads[layer]), which does not divide the \(heads[layer]) heads of layer \(layer)")
      }
      let isUnrotated = architecture.unrotatedPeriod.map { (layer + 1) % $0 == 0 } ?? false
      return LayerShape(
        queryHeads: heads[layer], kvHeads: kvHeads[layer], keyWidth: keyWidth, valueWidth: valueWidth,
        attentionScale: Float(ownScale ?? scale), mlpWidth: mlpWidths[layer], window: windows[layer],
        rope: isUnrotated || !rotates ? .none : windows[layer] > 0 ? .local : .global)
    }
  }

  /// The window of each layer; 0 for those that see all positions.
  private static func windows(
    _ keys: KeyReader, _ architecture: Architecture, layers: LayerCount
  ) throws -> [Int] {
    let none = Array(repeating: 0, count: layers.running)
    guard let windows = architecture.windows else { return none }
    let size = try keys.integer("attention.sliding_window", in: 0...100_000_000, default: windows.size)
    guard size > 0 else { return none }
    let key = "attention.sliding_window_pattern"
    if let isWindowed = try keys.bools(key, layers: layers) { return isWindowed.map { $0 ? size : 0 } }
    let period = try keys.integer(key, in: 0...100_000, default: windows.period)
    return (0..<layers.running).map { period == 0 || ($0 + 1) % period != 0 ? size : 0 }
  }

  /// Bytes of keys and values of one position, scales included.
  func kvBytesPerPosition(layer: Int, bits: KVBits) -> Int {
    let shape = layerShapes[layer]
    let tile =
      pare_kv_tile_bytes(Int32(bits.key), Int32(shape.keyWidth))
      + pare_kv_tile_bytes(Int32(bits.value), Int32(shape.valueWidth))
    return shape.kvHeads * tile / Int(PARE_KV_TILE)
  }

  /// Bytes of keys and values of one position in all layers, scales included.
  func kvBytesPerPosition(bits: KVBits = KVBits()) -> Int {
    (0..<layers).reduce(0) { $0 + kvBytesPerPosition(layer: $1, bits: bits) }
  }

  /// The largest value over all layers.
  func largest(_ size: (LayerShape) -> Int) -> Int { layerShapes.map(size).max() ?? 0 }
}
