import Analysis
import Inference

/// Layer × head: the damage that dropping each head alone did.
struct HeadDamageView: HeatmapView {
  let name = "heads-damage"
  let title = "damage of heads · layer × head"
  let opens: String? = "head"
  let isOfHeads = true

  func absence(_ findings: Findings) -> String { "/measure heads, or d here" }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.damage else { return nil }
    // Looked up often: by layer, then head.
    var found = [[Damage?]](repeating: [], count: findings.layers)
    for entry in report.entries {
      guard let head = entry.dropped.head, case let layer = entry.dropped.layer, found.indices.contains(layer)
      else { continue }
      found[layer] += Array(repeating: nil, count: max(0, head + 1 - found[layer].count))
      found[layer][head] = entry.damage
    }
    let all = found, heads = all.map(\.count).max() ?? 0, measured = all.joined().count { $0 != nil }
    guard measured > 0 else { return nil }
    let wanted = DamageMeasurement.heads(of: report.plan, counts: findings.headCounts).count
    @Sendable func damage(_ layer: Int, _ head: Int) -> Damage? {
      head < all[layer].count ? all[layer][head] : nil
    }
    return Heatmap(
      subject: "damage of heads",
      quantity: Quantity(name: "KL", unit: "nats", decimals: 4, spacing: .logarithmic),
      rows: .layers(findings.layers),
      columns: HeatmapAxis(.head, "head", count: heads, fullLabel: { "H\($0)" }),
      value: { damage($0, $1).map { Float($0.kl) } ?? .absent },
      isOff: { !findings.runs(.attention, $0) },
      isCellOff: { !findings.plan.drop.heads.isEmpty && findings.plan.drop[heads: $0].contains($1) },
      remarks: { layer, head in
        guard let damage = damage(layer, head) else { return [] }
        let perplexity = Figures.fixed(damage.perplexity, 1)
        return [
          .init(
            "perplexity \(Figures.fixed(report.baseline.perplexity, 1)) → \(perplexity)",
            short: "ppl \(perplexity)"),
          .state(isOff: !findings.plan.runs(head: head, layer: layer)),
        ]
      },
      fraction: wanted == 0 ? 1 : min(1, Double(measured) / Double(wanted)))
  }
}
