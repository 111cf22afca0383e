import Inference

/// Layer × token: the word that each layer would say next, shaded by how sure it is.
struct LensView: HeatmapView {
  let name = "lens"
  let title = "logit lens · layer × token"

  func probe(_ state: HeatmapState, layer: Int) -> Probe? { .lens }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.probe, case .lens(let lens) = report.content,
      lens.columns.contains(where: { $0 != nil })
    else { return nil }
    let tokens = report.tokens
    return Heatmap(
      subject: "logit lens", quantity: .probability, rows: .places(lens.places - 1),
      columns: .tokens(tokens), value: { lens.columns[$1]?[$0].probability ?? .absent },
      word: { place, column in
        lens.columns[column].map { $0[place].probability.isNaN ? "NaN" : $0[place].text }
      },
      isOff: { $0 > 0 && findings.isOff($0 - 1) },
      remarks: { place, column in
        guard place == lens.places - 1, tokens.indices.contains(column + 1) else { return [] }
        return [.init("next is \(HeatmapAxis.quoted(tokens[column + 1]))")]
      },
      pooling: .largest, fraction: report.fraction)
  }
}
