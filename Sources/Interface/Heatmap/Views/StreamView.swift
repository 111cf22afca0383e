import Inference

/// Layer × layer: how similar the residual stream is at any two places. A bright block is a stretch of layers
/// that could go together.
struct StreamView: HeatmapView {
  let name = "stream"
  let title = "stream similarity · layer × layer"

  func probe(_ state: HeatmapState, layer: Int) -> Probe? { .streamSimilarity }

  func map(_ findings: Findings) -> Heatmap? {
    guard case .streamSimilarity(let report)? = findings.probe?.content, report.tokens > 0,
      !report.cosines.isEmpty
    else { return nil }
    let layers = report.cosines.count - 1
    return Heatmap(
      subject: "stream similarity", quantity: .cosine, rows: .places(layers),
      columns: .places(layers, kind: .otherPlace), value: { report.cosines[$0][$1] }, joint: " × ",
      isOff: { $0 > 0 && findings.isOff($0 - 1) },
      remarks: { _, _ in [.init("mean of \(Figures.grouped(report.tokens)) tokens", short: "")] },
      fraction: findings.probe?.fraction ?? 1)
  }
}
