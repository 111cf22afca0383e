import Inference

/// Layer × token: how long the residual stream is, or what a sublayer adds to it. A few tokens, often the
/// first, are longer than all others by far.
struct NormView: HeatmapView {
  var name: String
  fileprivate var subject: String
  fileprivate var sublayer: Plan.Sublayer?
  fileprivate var source: @Sendable (StreamNorms) -> [[Float]]

  static let stream = NormView(name: "norm", subject: "norm of the stream", source: { $0.stream })
  static let attention = NormView(
    name: "norm-attn", subject: "norm of attention's output", sublayer: .attention, source: { $0.attention })
  static let mlp = NormView(
    name: "norm-mlp", subject: "norm of the MLP's output", sublayer: .mlp, source: { $0.mlp })

  var title: String { "\(subject) · layer × token" }

  func probe(_ state: HeatmapState, layer: Int) -> Probe? { .norms }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.probe, case .norms(let norms) = report.content else { return nil }
    let values = source(norms), count = min(values.map(\.count).min() ?? 0, report.tokens.count)
    guard count > 0 else { return nil }
    return Heatmap(
      subject: subject, quantity: Quantity(name: "norm", decimals: 1, spacing: .logarithmic),
      rows: sublayer == nil ? .places(values.count - 1) : .layers(values.count),
      columns: .tokens(Array(report.tokens.prefix(count))), value: { values[$0][$1] },
      isOff: { [sublayer] row in
        guard let sublayer else { return row > 0 && findings.isOff(row - 1) }
        return !findings.runs(sublayer, row)
      }, fraction: report.fraction)
  }
}
