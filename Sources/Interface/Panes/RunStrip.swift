import Sessions
import Terminal

/// The answers to one prompt in a line: `A 1 baseline 142 · 2 lean 171 · B 3 2 bits 180 KL 1.20`.
struct RunStrip {
  private let runs: [Run]

  private struct Run {
    /// `A` or `B` for those that are shown.
    var letter: String?
    var number: Int
    var label: String
    var rate: Double?
    /// Mean KL to A, where it is known.
    var kl: Double?

    /// In full, without its speed, or its number alone where it is not shown.
    func line(_ detail: Detail) -> Line {
      var line: Line = (letter.map { [Span("\($0) ", .key)] } ?? []) + [Span("\(number)", .faint)]
      if letter != nil || detail != .least { line.append(Span(" " + label, letter == nil ? .text : .strong)) }
      if let rate, detail == .most { line.append(Span(" \(Figures.rate(rate)) tok/s", .faint)) }
      if let kl { line.append(Span(" KL \(Figures.kl(kl))", .graph)) }
      return line
    }
  }

  private enum Detail: CaseIterable { case most, less, least }

  init(_ state: AppState) {
    guard let comparison = state.comparison, case let nodes = state.comparedRuns, nodes.count > 2 else {
      runs = []
      return
    }
    runs = nodes.enumerated().map { index, node in
      let report = state.pairs.report(ComparedPair(first: comparison.first, second: node.id))
      return Run(
        letter: node.id == comparison.first ? "A" : node.id == comparison.second ? "B" : nil,
        number: index + 1,
        label: node.answer.map { state.plans.label(of: $0) } ?? "", rate: state.contentRate(of: node),
        kl: report?.isWhole == true ? report?.means?.kl : nil)
    }
  }

  /// As much as fits, B in any case; `…` stands for other runs.
  func line(width: Int) -> Line {
    guard !runs.isEmpty else { return [] }
    func joined(_ range: Range<Int>, _ detail: Detail) -> Line {
      let before: Line = range.lowerBound > 0 ? [Span("… ", .faint)] : []
      let after: Line = range.upperBound < runs.count ? [Span(" …", .faint)] : []
      return before + Line(runs[range].map { $0.line(detail) }.joined(separator: [Span(" · ", .faint)]))
        + after
    }
    if let whole = Detail.allCases.map({ joined(runs.indices, $0) }).first(where: { $0.width <= width }) {
      return whole
    }
    // From B on to either side.
    let focus = runs.firstIndex { $0.letter == "B" } ?? runs.count - 1
    var range = focus..<focus + 1
    while true {
      let wider = [
        max(0, range.lowerBound - 1)..<range.upperBound,
        range.lowerBound..<min(runs.count, range.upperBound + 1),
      ]
      guard let next = wider.first(where: { $0 != range && joined($0, .least).width <= width }) else { break }
      range = next
    }
    return joined(range, .least).truncated(width: width)
  }
}
