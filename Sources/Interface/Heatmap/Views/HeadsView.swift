import Inference

/// Layer × head: what the heads do, to pick one from; Enter opens it.
struct HeadsView: HeatmapView {
  var name: String
  fileprivate var subject: String
  fileprivate var quantity: Quantity
  fileprivate var source: @Sendable (HeadSummary.Figures) -> Float
  let opens: String? = "head"
  let isOfHeads = true

  static let entropy = HeadsView(
    name: "heads", subject: "entropy of attention",
    quantity: Quantity(name: "entropy", unit: "nats", decimals: 2), source: \.entropy)
  static let distance = HeadsView(
    name: "heads-distance", subject: "how far heads look back",
    quantity: Quantity(name: "mean distance", unit: "tokens", decimals: 1, spacing: .logarithmic),
    source: \.distance)
  static let first = HeadsView(
    name: "heads-first", subject: "weight of the first token",
    quantity: Quantity(name: "weight of the first token", range: 0...1), source: \.first)
  static let output = HeadsView(
    name: "heads-output", subject: "output of heads",
    quantity: Quantity(name: "output in parts of the stream", spacing: .logarithmic), source: \.output)

  var title: String { "\(subject) · layer × head" }

  func probe(_ state: HeatmapState, layer: Int) -> Probe? { .heads }

  func map(_ findings: Findings) -> Heatmap? {
    guard case .heads(let summary)? = findings.probe?.content, summary.tokens > 0 else { return nil }
    let layers = summary.layers, heads = layers.map(\.count).max() ?? 0
    return Heatmap(
      subject: subject, quantity: quantity, rows: .layers(layers.count),
      columns: HeatmapAxis(.head, "head", count: heads, fullLabel: { "H\($0)" }),
      value: { [source] in $1 < layers[$0].count ? source(layers[$0][$1]) : .absent },
      isOff: { !findings.runs(.attention, $0) },
      isCellOff: { !findings.plan.drop.heads.isEmpty && findings.plan.drop[heads: $0].contains($1) },
      remarks: { layer, head in
        [
          .init("mean of \(summary.tokens) tokens", short: ""),
          .state(isOff: !findings.plan.runs(head: head, layer: layer)),
        ]
      },
      fraction: findings.probe?.fraction ?? 1)
  }
}
