/// A tensor's name, split: `blk.3.attn_q.weight` is `attn_q.weight` of layer 3.
struct TensorName {
  let layer: Int?
  let part: Substring

  init(_ name: String) {
    let parts = name.split(separator: ".", maxSplits: 2)
    layer = parts.count == 3 && parts[0] == "blk" ? Int(parts[1]) : nil
    part = layer == nil ? name[...] : parts[2]
  }

  /// The sublayer of the tensor; nil for tensors of none.
  var sublayer: Plan.Sublayer? {
    guard layer != nil else { return nil }
    if part.hasPrefix("attn_") || part.hasPrefix("post_attention_norm") { return .attention }
    return part.hasPrefix("ffn_") || part.hasPrefix("post_ffw_norm") ? .mlp : nil
  }

  /// Whether it is the last matrix of its sublayer.
  var isOutput: Bool { part.hasPrefix("attn_output.") || part.hasPrefix("ffn_down.") }
}
