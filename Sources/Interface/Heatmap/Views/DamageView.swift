import Analysis
import Inference

/// Layer × figure: how much each sublayer and block changes the residual stream, and beside it the damage
/// that dropping it alone did, on one scale: where the two shades differ, the guess misleads.
struct DamageView: HeatmapView {
  let name = "damage"
  let title = "change and damage · layer × sublayer"

  func absence(_ findings: Findings) -> String { "/measure, or d in Layers" }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.damage else { return nil }
    let parts = Part.allCases
    // Looked up often: by layer, then part.
    var entries = [[DamageReport.Entry?]](
      repeating: Array(repeating: nil, count: parts.count), count: findings.layers)
    let measured = report.entries.filter { $0.dropped.head == nil }
    guard !measured.isEmpty else { return nil }
    for entry in measured where entries.indices.contains(entry.dropped.layer) {
      entries[entry.dropped.layer][parts.firstIndex(of: entry.dropped.part)!] = entry
    }
    let all = entries
    let names = parts.flatMap { ["\($0.title) 1−cos", "\($0.title) KL"] }
    let isOff: @Sendable (Int, Int) -> Bool = { layer, part in
      !Droppable(parts[part], layer).runs(under: findings.plan)
    }
    return Heatmap(
      subject: "change and damage",
      quantity: Quantity(
        name: "1 − cosine; KL in nats", spacing: .logarithmic, range: 0.01...10),
      rows: .layers(findings.layers),
      columns: HeatmapAxis(
        .figure, "sublayer", count: names.count, label: { $0 % 2 == 1 ? "KL" : parts[$0 / 2].title },
        fullLabel: { names[$0] }),
      value: { layer, column in
        guard let entry = all[layer][column / 2] else { return .absent }
        return column % 2 == 1 ? Float(entry.damage.kl) : entry.similarity.map { 1 - $0 } ?? .absent
      }, isOff: { layer in isOff(layer, 0) && isOff(layer, 1) },
      remarks: { layer, column in
        guard let damage = all[layer][column / 2]?.damage else { return [] }
        let change = "perplexity \(Figures.fixed(report.baseline.perplexity, 1)) → "
        return [
          .init(
            change + Figures.fixed(damage.perplexity, 1), short: "ppl \(Figures.fixed(damage.perplexity, 1))"),
          .state(isOff: isOff(layer, column / 2)),
        ]
      },
      fraction: Double(measured.count)
        / Double(max(1, DamageMeasurement.parts(of: report.plan, layers: findings.layers).count)))
  }
}

extension Part {
  fileprivate var title: String {
    switch self {
    case .attention: "attn"
    case .mlp: "MLP"
    case .block: "block"
    }
  }
}
