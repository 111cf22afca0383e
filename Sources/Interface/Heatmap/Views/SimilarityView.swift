import Inference

/// Layer × token: the cosine of the residual stream before and after a sublayer or block.
struct SimilarityView: HeatmapView {
  var name: String
  fileprivate var subject: String
  fileprivate var sublayers: [Plan.Sublayer]
  fileprivate var source: @Sendable (SimilarityReport) -> [[Float]]

  static let attention = SimilarityView(
    name: "attn", subject: "attention similarity", sublayers: [.attention], source: { $0.attention })
  static let mlp = SimilarityView(
    name: "mlp", subject: "MLP similarity", sublayers: [.mlp], source: { $0.mlp })
  static let block = SimilarityView(
    name: "block", subject: "block similarity", sublayers: [.attention, .mlp], source: { $0.block })

  var title: String { "\(subject) · layer × token" }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.similarity else { return nil }
    let values = source(report)
    let count = min(report.tokens.count, values.map(\.count).min() ?? 0)
    guard count > 0 else { return nil }
    let isOff: @Sendable (Int) -> Bool = { [sublayers] layer in
      sublayers.allSatisfy { !findings.runs($0, layer) }
    }
    return Heatmap(
      subject: subject, quantity: .cosine, rows: .layers(values.count),
      columns: .tokens(Array(report.tokens.prefix(count))),
      value: { values[$0][$1] }, isOff: isOff,
      remarks: { [sublayers] layer, _ in
        var remarks: [Heatmap.Remark] = []
        if sublayers.count == 1, let (rank, count) = findings.redundancy.rank(sublayers[0], layer: layer) {
          remarks.append(.init("rank \(rank)/\(count)", short: "rank \(rank)"))
        }
        return remarks + [.state(isOff: isOff(layer))]
      })
  }
}
