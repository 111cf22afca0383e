import GGUF

/// A file of llama.cpp's graph `deci`, a llama whose layers have sizes of their own, so that dropped
/// sublayers are left out.
///
/// A layer without attention has 0 heads and no attention tensors; only the first layer cannot, since readers
/// take the size of heads from it: it has 0 KV heads, and a matrix in place of its attention. A layer whose
/// MLP has width 0 would lose its attention as well, so a dropped MLP becomes a small one of zeros. Readers
/// need a layer with keys and values to keep: where every attention is dropped, the first stays, and its last
/// matrix is zero.
struct DeciFile {
  private let model: Model
  private let drop: Plan.Drop
  private static let smallestMLP = 32
  /// Graphs that differ from `deci`'s at most in the order of the elements that RoPE rotates.
  private static let likeDeci: Set = ["llama", "deci", "qwen2", "ernie4_5", "internlm2"]

  /// Nil for models of other graphs.
  init?(_ model: Model, _ drop: Plan.Drop) {
    guard Self.likeDeci.contains(model.architecture.name) else { return nil }
    self.model = model
    // A sublayer that the model never had need not be left out.
    var drop = drop
    drop.attention = drop.attention.filter { model.layers[$0].attention != nil }
    drop.mlp = drop.mlp.filter { model.layers[$0].mlp != nil }
    let withHeads = model.layers.indices.filter { model.layers[$0].attention?.heads != nil }
    if let first = withHeads.first, drop.attention.isSuperset(of: withHeads) { drop.attention.remove(first) }
    self.drop = drop
  }

  func metadata(_ metadata: Metadata) -> Metadata {
    let own = model.architecture.name + ".", shape = model.shape
    var result = Metadata([:])
    for (key, value) in metadata.entries {
      let isOwn = key.bytes.starts(with: own.utf8)
      result[isOwn ? ByteString("deci.".utf8 + key.bytes.dropFirst(own.utf8.count)) : key] = value
    }
    result["general.architecture"] = .string("deci")
    func set(_ key: String, _ value: (Int, LayerShape) -> Int) {
      let values = shape.layerShapes.enumerated().map { UInt32(value($0.offset, $0.element)) }
      result["deci." + key] = .array(MetadataArray(values))
    }
    set("attention.head_count") { drop.attention.contains($0) && $0 > 0 ? 0 : $1.queryHeads }
    set("attention.head_count_kv") { drop.attention.contains($0) ? 0 : $1.kvHeads }
    set("feed_forward_length") { drop.mlp.contains($0) ? Self.smallestMLP : $1.mlpWidth }
    result["deci.attention.key_length"] = .uint32(UInt32(shape.layerShapes[0].keyWidth))
    result["deci.attention.value_length"] = .uint32(UInt32(shape.layerShapes[0].valueWidth))
    result["deci.rope.dimension_count"] = .uint32(UInt32(shape.ropeDimensions))
    return result
  }

  func isLeftOut(_ name: TensorName) -> Bool {
    guard let layer = name.layer else { return false }
    return switch name.sublayer {
    case .attention: drop.attention.contains(layer) && !(layer == 0 && name.part.hasPrefix("attn_norm."))
    case .mlp: drop.mlp.contains(layer) && !name.part.hasPrefix("ffn_norm.")
    case nil: false
    }
  }

  /// Tensors of zeros: names and shapes.
  var zeros: [(name: String, shape: [Int])] {
    let width = model.shape.width
    let attention = drop.attention.contains(0) ? [("blk.0.attn_output.weight", [width, width])] : []
    return attention
      + drop.mlp.sorted().flatMap { layer in
        [
          ("blk.\(layer).ffn_gate.weight", [width, Self.smallestMLP]),
          ("blk.\(layer).ffn_up.weight", [width, Self.smallestMLP]),
          ("blk.\(layer).ffn_down.weight", [Self.smallestMLP, width]),
        ]
      }
  }

  /// The source row of a target row, since `deci` rotates neighbours: the halves of a head that are rotated
  /// together are interleaved; nil where rows stay in place.
  func row(of name: TensorName) -> (@Sendable (_ place: Int) -> Int)? {
    guard case .halves = model.shape.ropeStyle,
      name.part.hasPrefix("attn_q.") || name.part.hasPrefix("attn_k.")
    else { return nil }
    let head = model.shape.layerShapes[0].keyWidth, rotated = model.shape.ropeDimensions
    return { place in
      let element = place % head
      return element < rotated ? place - element + element / 2 + element % 2 * (rotated / 2) : place
    }
  }
}
