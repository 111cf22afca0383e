import Inference

/// Token × token: what each token looks at in one head.
struct HeadView: HeatmapView {
  let name = "head"
  let title = "attention of a head · token × token"

  func probe(_ state: HeatmapState, layer: Int) -> Probe? {
    .attention(layer: layer, head: state[cursor: .head] ?? 0)
  }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.probe, case .attention(let pattern) = report.content,
      pattern.rows.contains(where: { $0 != nil })
    else { return nil }
    let rows = pattern.rows, tokens = Array(report.tokens.prefix(rows.count))
    return Heatmap(
      subject: "attention of \(HeatmapAxis.layerName(pattern.layer)) H\(pattern.head)",
      quantity: Quantity(name: "weight", spacing: .logarithmic, range: 0.001...1),
      rows: .tokens(tokens, kind: .query, title: "looking token"),
      columns: .tokens(tokens, title: "seen token"),
      value: { query, key in
        guard let row = rows[query], row.weights.indices.contains(key - row.first) else { return .absent }
        return row.weights[key - row.first]
      }, joint: " → ",
      isMasked: { query, key in key > query || key < rows[query]?.first ?? 0 },
      remarks: { query, key in [.init("\(query) → \(key)")] }, pooling: .largest, fraction: report.fraction)
  }

  func absence(_ findings: Findings) -> String {
    guard case .attention(let pattern)? = findings.probe?.content else {
      return "measured as the model answers"
    }
    if pattern.heads == 0 { return "no attention runs in layer \(pattern.layer): ] goes on" }
    return pattern.head < pattern.heads
      ? "measured as the model answers" : "layer \(pattern.layer) has the heads 0…\(pattern.heads - 1)"
  }
}
