/// Layer lists as people type them: `3,5-8` or `3 5-8`.
public enum LayerList {
  /// The layers of a list; throws for items that are no layer or range.
  public static func parse(_ text: String) throws(PlanError) -> Set<Int> {
    var layers: Set<Int> = []
    for item in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      guard let numbers = numbers(String(item)) else {
        throw PlanError("“\(item)” is not a layer or a range of layers: write lists such as 3,5-8")
      }
      layers.formUnion(numbers)
    }
    return layers
  }

  /// The numbers of a list with commas, such as `3,5-8`; nil where some item is neither number nor range.
  static func numbers(_ text: String) -> Set<Int>? {
    var numbers: Set<Int> = []
    for item in text.split(separator: ",") {
      let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else {
        return nil
      }
      if ends.count == 1 { numbers.insert(first); continue }
      guard first <= last, last < 10_000 else { return nil }
      numbers.formUnion(first...last)
    }
    return numbers
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
    if !drop.heads.isEmpty { parts.append("heads −" + HeadList.format(drop.heads)) }
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
