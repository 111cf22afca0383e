import Inference

/// Token × token: what each token looks at in one head.
struct HeadView: HeatmapView {
  let name = "head"
  let title = "attention of a head · token × token"
  let isOfHeads = true

  func probe(_ state: HeatmapState, layer: Int) -> Probe? {
    .attention(layer: layer, head: state[cursor: .head] ?? 0)
  }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.probe, case .attention(let pattern) = report.content,
      pattern.rows.contains(where: { $0 != nil })
    else { return nil }
    let rows = pattern.rows, isOff = !findings.plan.runs(head: pattern.head, layer: pattern.layer)
    let tokens = Array(report.tokens.prefix(rows.count))
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
      remarks: { query, key in
        [.init("\(query) → \(key)")] + (isOff ? [.state(isOff: true)] : [])
      },
      details: { query, _ in
        guard let writing = pattern.writing, writing.position == query else { return [] }
        return [
          Self.line("writes", writing.promoted, .strong), Self.line("against", writing.suppressed, .text),
        ]
      }, detailCount: 2, pooling: .largest, fraction: report.fraction)
  }

  /// `writes “ blue” +1.20 · “ red” +0.81`: tokens and changes of their logits.
  private static func line(_ title: String, _ words: [HeadWriting.Word], _ element: Element) -> Line {
    [Span(title + " ", .faint)]
      + words.enumerated().flatMap { index, word in
        let change = Figures.fixed(Double(word.change), 2)
        return [
          Span(index == 0 ? "" : " · ", .faint), Span(HeatmapAxis.quoted(word.text), element),
          Span(" " + (word.change < 0 ? change : "+" + change), .faint),
        ]
      }
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
