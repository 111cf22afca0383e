import Inference

/// Layer × token: the word that each layer would say next, shaded by how sure it is; or by the rank that it
/// gives the word that is said in the end.
struct LensView: HeatmapView {
  let name: String
  fileprivate let subject: String
  fileprivate let isBySublayer: Bool
  fileprivate let quantity: Quantity
  fileprivate let source: @Sendable (Lens.Guess) -> Float

  static let layers = LensView(
    name: "lens", subject: "logit lens", isBySublayer: false, quantity: .probability, source: \.probability)
  static let sublayers = LensView(
    name: "lens-sublayers", subject: "logit lens by sublayer", isBySublayer: true, quantity: .probability,
    source: \.probability)
  static let rank = LensView(
    name: "lens-rank", subject: "rank of the final token", isBySublayer: true,
    quantity: Quantity(name: "rank of the final token", decimals: 0, spacing: .logarithmic),
    source: { Float($0.finalRank) })

  var title: String { "\(subject) · layer × token" }

  func probe(_ state: HeatmapState, layer: Int) -> Probe? { isBySublayer ? .sublayerLens : .lens }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.probe, case .lens(let lens) = report.content,
      lens.isBySublayer == isBySublayer, lens.columns.contains(where: { $0 != nil })
    else { return nil }
    let tokens = report.tokens
    return Heatmap(
      subject: subject, quantity: quantity,
      rows: isBySublayer ? .sublayerPlaces(lens.places / 2) : .places(lens.places - 1),
      columns: .tokens(tokens),
      value: { [source] place, column in lens.columns[column].map { source($0[place]) } ?? .absent },
      word: { place, column in
        lens.columns[column].map { $0[place].probability.isNaN ? "NaN" : $0[place].text }
      },
      isOff: { Self.isOff($0, isBySublayer: lens.isBySublayer, findings) },
      remarks: { place, column in
        var remarks: [Heatmap.Remark] = []
        if let guess = lens.columns[column]?[place], place < lens.places - 1, !guess.finalProbability.isNaN {
          remarks.append(.init("final token rank \(guess.finalRank)", short: "rank \(guess.finalRank)"))
        }
        if place == lens.places - 1, tokens.indices.contains(column + 1) {
          remarks.append(.init("next is \(HeatmapAxis.quoted(tokens[column + 1]))"))
        }
        return remarks
      },
      details: { Self.details(lens, place: $0, column: $1) }, detailCount: 2, pooling: .largest,
      fraction: report.fraction)
  }

  /// Whether nothing runs between a place and the one before it.
  private static func isOff(_ place: Int, isBySublayer: Bool, _ findings: Findings) -> Bool {
    guard place > 0 else { return false }
    guard isBySublayer else { return findings.isOff(place - 1) }
    return !findings.runs(place % 2 == 1 ? .attention : .mlp, (place - 1) / 2)
  }

  /// The five likeliest tokens, and what the place says of the final one.
  private static func details(_ lens: Lens, place: Int, column: Int) -> [Line] {
    guard let guess = lens.columns[column]?[place] else { return [] }
    var lines: [Line] = []
    if let candidates = lens.likeliest[column]?[place] {
      lines.append(
        candidates.enumerated().flatMap { index, candidate in
          [
            Span(index == 0 ? "" : " · ", .faint), Span(HeatmapAxis.quoted(candidate.text)),
            Span(" " + Quantity.probability.text(candidate.probability), .faint),
          ]
        })
    }
    if let final = lens.columns[column]?.last {
      lines.append([
        Span("final ", .faint), Span(HeatmapAxis.quoted(final.text)),
        Span(
          " here rank \(guess.finalRank), probability \(Quantity.probability.text(guess.finalProbability))",
          .faint),
      ])
    }
    return lines
  }
}
