import Sessions
import Terminal

/// The answers to one prompt in a line: `A 1 baseline 142 · 2 lean 171 · B 3 2 bits 180 KL 1.20`.
struct RunStrip {
  private let runs: [Run]

  private struct Run {
    /// `A` or `B` for those that are shown.
    var letter: String?
    var text: Line

    var line: Line { (letter.map { [Span("\($0) ", .key)] } ?? []) + text }
  }

  init(_ state: AppState) {
    guard let comparison = state.comparison, case let nodes = state.comparedRuns, nodes.count > 2 else {
      runs = []
      return
    }
    runs = nodes.enumerated().map { index, node in
      let letter = node.id == comparison.first ? "A" : node.id == comparison.second ? "B" : nil
      let label = node.answer.map { state.plans.label(of: $0) } ?? ""
      var text: Line = [Span("\(index + 1) ", .faint), Span(label, letter == nil ? .text : .strong)]
      if let rate = state.contentRate(of: node) { text.append(Span(" \(Figures.rate(rate)) tok/s", .faint)) }
      let report = state.pairs.report(ComparedPair(first: comparison.first, second: node.id))
      if let report, report.isWhole, let means = report.means {
        text.append(Span(" KL \(Figures.kl(means.kl))", .graph))
      }
      return Run(letter: letter, text: text)
    }
  }

  /// As many as fit, B among them; `…` stands for others.
  func line(width: Int) -> Line {
    guard !runs.isEmpty else { return [] }
    let separator: Line = [Span(" · ", .faint)]
    func joined(_ range: Range<Int>) -> Line {
      let before: Line = range.lowerBound > 0 ? [Span("… ", .faint)] : []
      let after: Line = range.upperBound < runs.count ? [Span(" …", .faint)] : []
      return before + Line(runs[range].map(\.line).joined(separator: separator)) + after
    }
    // From B on to either side.
    let focus = runs.firstIndex { $0.letter == "B" } ?? runs.count - 1
    var range = focus..<focus + 1
    while true {
      let wider = [
        max(0, range.lowerBound - 1)..<range.upperBound,
        range.lowerBound..<min(runs.count, range.upperBound + 1),
      ]
      guard let next = wider.first(where: { $0 != range && joined($0).width <= width }) else { break }
      range = next
    }
    return joined(range).truncated(width: width)
  }
}
