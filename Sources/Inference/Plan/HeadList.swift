/// Heads of layers as people type them: `5:1,3 7:0-2`, with spaces or `;` between layers.
public enum HeadList {
  /// The heads of a list, by layer; throws for items that are no layer with heads.
  public static func parse(_ text: String) throws(PlanError) -> [Int: Set<Int>] {
    var heads: [Int: Set<Int>] = [:]
    for item in text.split(whereSeparator: { $0 == ";" || $0.isWhitespace }) {
      let sides = item.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard sides.count == 2, let layers = LayerList.numbers(sides[0]), let own = LayerList.numbers(sides[1]),
        !layers.isEmpty, !own.isEmpty
      else {
        throw PlanError("“\(item)” does not name heads of a layer: write lists such as 5:1,3 7:0-2")
      }
      for layer in layers { heads[layer, default: []].formUnion(own) }
    }
    return heads
  }

  /// `[5: [1, 3], 7: [0, 1, 2]]` → `5:1,3 7:0-2`.
  public static func format(_ heads: [Int: Set<Int>]) -> String {
    heads.sorted { $0.key < $1.key }.map { "\($0.key):\(LayerList.format($0.value))" }.joined(separator: " ")
  }
}
