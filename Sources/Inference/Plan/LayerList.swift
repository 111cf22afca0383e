/// Layer lists as people type them: `3,5-8` or `3 5-8`.
public enum LayerList {
  /// The layers of a list; throws for items that are no layer or range.
  public static func parse(_ text: String) throws(PlanError) -> Set<Int> {
    var layers: Set<Int> = []
    for item in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      switch ends.count {
      case 1: if let layer = ends[0] { layers.insert(layer); continue }
      case 2:
        if let first = ends[0], let last = ends[1], first <= last, last < 10_000 {
          layers.formUnion(first...last)
          continue
        }
      default: break
      }
      throw PlanError("“\(item)” is not a layer or a range of layers: write lists such as 3,5-8")
    }
    return layers
  }

  /// `[3, 5, 6, 7, 8]` → `3,5-8`.
  public static func format(_ layers: Set<Int>) -> String {
    var runs: [ClosedRange<Int>] = []
    for layer in layers.sorted() {
      if let last = runs.last, last.upperBound + 1 == layer {
        runs[runs.count - 1] = last.lowerBound...layer
      } else {
        runs.append(layer...layer)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}

extension Plan: CustomStringConvertible {
  /// The plan in one line: `baseline`, or `attn −5,7-9 · mlp −3 · 4 b · kv 8 b`.
  public var description: String {
    var parts: [String] = []
    if !drop.attention.isEmpty { parts.append("attn −" + LayerList.format(drop.attention)) }
    if !drop.mlp.isEmpty { parts.append("mlp −" + LayerList.format(drop.mlp)) }
    if bits.default != .native { parts.append("bits \(bits.default.rawValue)") }
    if let width = bits.attention { parts.append("attn bits \(width.rawValue)") }
    if let width = bits.mlp { parts.append("mlp bits \(width.rawValue)") }
    if let width = bits.head { parts.append("head bits \(width.rawValue)") }
    for (layer, width) in bits.layers.sorted(by: { $0.key < $1.key }) {
      parts.append("L\(layer) bits \(width.rawValue)")
    }
    if rotate { parts.append("rotated") }
    if heal != .none { parts.append("healed (\(heal.rawValue))") }
    if kvBits != 16 { parts.append("kv \(kvBits) b") }
    if let activationBits { parts.append("act \(activationBits) b") }
    return parts.isEmpty ? "baseline" : parts.joined(separator: " · ")
  }
}
