import Inference

extension Plan {
  /// The plan in a few words, for labels: `attn −4 · 2 bits`.
  var summary: String {
    var parts: [String] = []
    func bits(_ width: BitWidth) -> String {
      switch width {
      case .native: "native bits"
      case .ternary: "ternary"
      case .one: "1 bit"
      default: "\(width.rawValue) bits"
      }
    }
    for (name, dropped) in [("attn", drop.attention), ("mlp", drop.mlp)] where !dropped.isEmpty {
      parts.append("\(name) −\(dropped.count)")
    }
    if drop.headCount > 0 { parts.append("heads −\(drop.headCount)") }
    if self.bits.default != .native { parts.append(bits(self.bits.default)) }
    for (name, width) in [("attn", self.bits.attention), ("mlp", self.bits.mlp), ("head", self.bits.head)] {
      if let width { parts.append("\(name) \(bits(width))") }
    }
    let layers = self.bits.layers
    if layers.count == 1, let (layer, width) = layers.first {
      parts.append("layer \(layer) \(bits(width))")
    } else if let width = layers.values.first {
      parts.append("\(layers.count) layers " + (Set(layers.values).count == 1 ? bits(width) : "other bits"))
    }
    if rotate { parts.append("rotated") }
    if heals { parts.append("healed") }
    if kvBits != 16 { parts.append("KV \(kvBits) bits") }
    if let activationBits { parts.append("act \(activationBits) bits") }
    return parts.isEmpty ? "baseline" : parts.joined(separator: " · ")
  }
}
