import Analysis
import Foundation
import Inference
import Terminal

/// The plans that a search found: quality against bytes, a sign for each method; the cursor picks a plan.
struct FrontierOverlay: OverlayView {
  let name = "plans"
  let heading = "Plans found"
  let otherKeys = OtherKeys.close

  let keys: [KeyBinding] = [
    .changing("previous", .keys(.left, .up, "h", "k"), "previous plan") { pick(&$0, $0.analysis.picked - 1) },
    .changing("next", .keys(.right, .down, "l", "j"), "next plan") { pick(&$0, $0.analysis.picked + 1) },
    .changing("first", .keys(.home, "g"), "plan of the fewest bytes") { pick(&$0, 0) },
    .changing("last", .keys(.end, "G"), "plan of the most bytes") { pick(&$0, .max) },
    KeyBinding("use", .keys(.enter), "make it the current plan") { $0.usePicked() },
    .close(.keys(.escape, "q")),
  ]

  private static func pick(_ state: inout AppState, _ place: Int) {
    state.analysis.picked = max(0, min(place, (state.analysis.search?.pickable.count ?? 0) - 1))
  }

  func title(_ state: AppState) -> String {
    "Plans for \(state.analysis.search?.target ?? "") · KL against bytes a token"
  }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    guard let report = state.analysis.search else { return }
    let size = Size(
      width: min(canvas.size.width, max(60, canvas.size.width * 4 / 5)),
      height: min(canvas.size.height, max(16, canvas.size.height * 3 / 4)))
    let rect = Rect(
      x: (canvas.size.width - size.width) / 2, y: (canvas.size.height - size.height) / 2, width: size.width,
      height: size.height)
    canvas.fill(rect, .popup)
    canvas.draw(in: rect) { box in
      box.grid.frame(
        box.grid.bounds, title: title(state),
        style: box.theme.style(.focusedFrame, on: .popup),
        titleStyle: box.theme.style(.focusedTitle, on: .popup))
      let moves = key("previous", state) + key("next", state)
      let footer = " \(moves) plan · \(key("use", state)) uses it · \(key("close", state)) closes "
      box.write([Span(footer, .faint)], endingAt: size.width - 1, y: size.height - 1, on: .popup)
      let inside = Rect(x: 2, y: 1, width: size.width - 4, height: size.height - 2)
      box.draw(in: inside) { draw(report, picked: state.analysis.picked, on: &$0) }
    }
  }

  private func draw(_ report: SearchReport, picked: Int, on canvas: inout Canvas) {
    let points = report.pickable
    guard points.indices.contains(picked) else { return }
    let readOut = readOut(points[picked], report, width: canvas.size.width)
    let height = canvas.size.height - readOut.count - 3
    if height >= 4 { drawPlot(report, points[picked], height: height, on: &canvas) }
    let first = max(0, canvas.size.height - readOut.count)
    canvas.write(
      legend(report, width: canvas.size.width), x: 0, y: max(0, first - 1), width: canvas.size.width,
      on: .popup)
    for (row, line) in readOut.enumerated() {
      canvas.write(line, x: 0, y: first + row, width: canvas.size.width, on: .popup)
    }
  }

  // MARK: The plot

  private let labelWidth = 6

  /// `height` rows of the plot, and one for the axis of bytes.
  private func drawPlot(
    _ report: SearchReport, _ picked: SearchPoint, height: Int, on canvas: inout Canvas
  ) {
    let axes = Axes(report, width: canvas.size.width - labelWidth - 1, height: height)
    for (kl, y) in axes.ticks {
      canvas.write([Span(Figures.kl(kl), .faint)], endingAt: labelWidth - 1, y: y, on: .popup)
      canvas.write("┤", .faint, x: labelWidth - 1, y: y, on: .popup)
    }
    canvas.write([Span("KL 0", .faint)], endingAt: labelWidth - 1, y: 0, on: .popup)
    for y in 0..<height where !axes.ticks.contains(where: { $0.y == y }) {
      canvas.write("│", .faint, x: labelWidth - 1, y: y, on: .popup)
    }
    canvas.write(
      "└" + String(repeating: "─", count: axes.width), .faint, x: labelWidth - 1, y: height, on: .popup)
    canvas.write(
      Figures.bytes(Int(nearest: axes.bytes.lowerBound)) + "/token", .faint, x: labelWidth, y: height + 1,
      on: .popup)
    canvas.write(
      [Span(Figures.bytes(Int(nearest: axes.bytes.upperBound)), .faint)], endingAt: labelWidth + axes.width,
      y: height + 1,
      on: .popup)
    // The cursor's lines, then all plans, those of the frontier over others, the picked one over all.
    let cursor = axes.place(picked)
    for x in 0..<axes.width where x % 2 == 0 {
      canvas.write("·", .faint, x: labelWidth + x, y: cursor.y, on: .popup)
    }
    for y in 0..<height { canvas.write("·", .faint, x: labelWidth + cursor.x, y: y, on: .popup) }
    let frontier = Set(report.frontier.map(\.plan))
    let sorted = ([report.baseline] + report.points).sorted {
      !frontier.contains($0.plan) && frontier.contains($1.plan)
    }
    for point in sorted where point.damage.kl.isFinite {
      let (x, y) = axes.place(point)
      canvas.write(
        [sign(point.method, isBest: frontier.contains(point.plan))], x: labelWidth + x, y: y, on: .popup)
    }
    canvas.write(
      [Span(sign(picked.method, isBest: true).text, .popupCursor)], x: labelWidth + cursor.x, y: cursor.y,
      on: .popupCursor)
  }

  /// The places of plans: KL downward by its square root, so that small damage is told apart; bytes to the
  /// right.
  private struct Axes {
    let width: Int
    let height: Int
    let bytes: ClosedRange<Double>
    private let largest: Double

    init(_ report: SearchReport, width: Int, height: Int) {
      self.width = max(1, width)
      self.height = height
      let points = [report.baseline] + report.points
      let all = points.map { Double($0.bytesPerToken) }
      let low = all.min() ?? 0, high = all.max() ?? 1
      bytes = low...max(high, low + 1)
      largest = max(1e-6, points.map(\.damage.kl).filter(\.isFinite).max() ?? 1)
    }

    func place(_ point: SearchPoint) -> (x: Int, y: Int) {
      let share = (Double(point.bytesPerToken) - bytes.lowerBound) / (bytes.upperBound - bytes.lowerBound)
      return (Int(nearest: share * Double(width - 1)), row(point.damage.kl))
    }

    private func row(_ kl: Double) -> Int {
      Int(nearest: min(1, max(0, kl) / largest).squareRoot() * Double(height - 1))
    }

    /// Round values, on rows apart from each other.
    var ticks: [(kl: Double, y: Int)] {
      var ticks: [(kl: Double, y: Int)] = []
      for kl in [0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] where kl <= largest {
        let y = row(kl)
        if y > (ticks.last?.y ?? 0) + 1 { ticks.append((kl, y)) }
      }
      return ticks
    }
  }

  // MARK: In words

  /// A shape for each method, since colours do not tell everyone; filled on the frontier.
  private func sign(_ method: SearchMethod?, isBest: Bool) -> Span {
    let shapes: (String, String) =
      switch method {
      case nil: ("◎", "◉")
      case .similarity: ("○", "●")
      case .damage: ("◇", "◆")
      case .greedy: ("△", "▲")
      case .exchange: ("□", "■")
      }
    return Span(isBest ? shapes.1 : shapes.0, isBest ? .candidate : .faint)
  }

  private func legend(_ report: SearchReport, width: Int) -> Line {
    var line: Line = []
    for method in SearchMethod.allCases where report.points.contains(where: { $0.method == method }) {
      line += [Span(sign(method, isBest: false).text + " "), Span(method.rawValue + "  ", .faint)]
    }
    let words = ["filled: the frontier", "filled: best"].first { line.width + $0.cellWidth <= width }
    return words.map { line + [Span($0, .faint)] } ?? line
  }

  private func readOut(_ point: SearchPoint, _ report: SearchReport, width: Int) -> [Line] {
    let change = Figures.change(Double(point.bytesPerToken), from: Double(report.baseline.bytesPerToken))
    var figures: Line = [
      sign(point.method, isBest: true), Span(" \(point.method?.rawValue ?? "baseline")", .strong),
      Span("  KL ", .faint), Span(Figures.kl(point.damage.kl), .strong), Span("  perplexity ", .faint),
      Span(Figures.fixed(point.damage.perplexity, 1)), Span("  same top ", .faint),
      Span("\(Figures.fixed(100 * point.damage.sameTop, 0)) %"),
      Span("  \(Figures.bytes(point.bytesPerToken))/token" + (change.map { " " + $0 } ?? "")),
    ]
    if let speed = point.tokensPerSecond { figures.append(Span("  \(Figures.rate(speed)) tok/s")) }
    if point.plan == report.found.first?.plan {
      figures.append(Span("  best for \(report.target)", .candidate))
    }
    let plan = [Span("\(point.plan)")].wrapped(width: max(1, width)).prefix(2)
    return figures.wrapped(width: max(1, width)).prefix(2) + plan + [
      [
        Span(
          "chosen on \(Figures.grouped(report.searchedTokens)) tokens, measured on "
            + "\(Figures.grouped(report.judgedTokens)) others", .faint)
      ]
    ]
  }
}
