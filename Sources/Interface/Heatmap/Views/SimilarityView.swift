import Inference

/// Layer × token: the cosine of the residual stream before and after a sublayer or block.
struct SimilarityView: HeatmapView {
  var name: String
  fileprivate var subject: String
  fileprivate var part: Part

  static let attention = SimilarityView(name: "attn", subject: "attention similarity", part: .attention)
  static let mlp = SimilarityView(name: "mlp", subject: "MLP similarity", part: .mlp)
  static let block = SimilarityView(name: "block", subject: "block similarity", part: .block)

  var title: String { "\(subject) · layer × token" }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.similarity else { return nil }
    let values = report[part]
    let count = min(report.tokens.count, values.map(\.count).min() ?? 0)
    guard count > 0 else { return nil }
    let isOff: @Sendable (Int) -> Bool = { [part] layer in
      part.sublayers.allSatisfy { !findings.runs($0, layer) }
    }
    return Heatmap(
      subject: subject, quantity: .cosine, rows: .layers(values.count),
      columns: .tokens(Array(report.tokens.prefix(count))),
      value: { values[$0][$1] }, isOff: isOff,
      remarks: { [part] layer, _ in
        var remarks: [Heatmap.Remark] = []
        if part != .block, let (rank, count) = findings.redundancy.rank(part.sublayers[0], layer: layer) {
          remarks.append(.init("rank \(rank)/\(count)", short: "rank \(rank)"))
        }
        return remarks + [.state(isOff: isOff(layer))]
      })
  }
}
