import Analysis
import Inference

/// Word × figure: the change of one token's log-probability when each word before it is left out.
struct SalienceView: HeatmapView {
  let name = "salience"
  let title = "salience · word × effect"

  func absence(_ findings: Findings) -> String { "/salience, for the last token of the answer" }

  func map(_ findings: Findings) -> Heatmap? {
    guard let report = findings.reports[SalienceReport.self], !report.words.isEmpty else { return nil }
    let words = report.words
    return Heatmap(
      subject: "salience for \(HeatmapAxis.quoted(report.target))",
      quantity: Quantity(name: "change of log-probability", unit: "nats", decimals: 2),
      rows: HeatmapAxis(
        .word, "word", count: words.count, label: { HeatmapAxis.visible(words[$0].text) },
        fullLabel: { HeatmapAxis.quoted(words[$0].text, width: 20) }),
      columns: HeatmapAxis(.effect, "figure", count: 1, label: { _ in "nats" }),
      value: { row, _ in words[row].effect ?? .absent }, joint: " → ",
      remarks: { row, _ in
        let places = words[row].positions
        let text =
          places.count == 1
          ? "token \(places.lowerBound)" : "tokens \(places.lowerBound)-\(places.upperBound - 1)"
        return [.init(text, short: "")]
      },
      details: { _, _ in
        [Self.line("for", words) { $0 > $1 }, Self.line("against", words) { $0 < $1 }]
      }, detailCount: 2, fraction: report.fraction)
  }

  /// The words with the largest effects in one direction.
  private static func line(
    _ title: String, _ words: [SalienceReport.Word], _ isStronger: (Float, Float) -> Bool
  ) -> Line {
    let found = words.filter { $0.effect.map { isStronger($0, 0) } ?? false }
      .sorted { isStronger($0.effect ?? 0, $1.effect ?? 0) }.prefix(5)
    return [Span(title + " ", .faint)]
      + found.enumerated().flatMap { index, word in
        let effect = Figures.fixed(Double(word.effect ?? 0), 2)
        return [
          Span(index == 0 ? "" : " · ", .faint), Span(HeatmapAxis.quoted(word.text)),
          Span(" " + effect, .faint),
        ]
      }
  }
}
