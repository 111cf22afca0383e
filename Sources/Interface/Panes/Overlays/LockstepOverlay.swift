import IO
import Inference
import Terminal

/// What two plans say next, side by side, step by step along an answer or one's own tokens.
struct LockstepOverlay: OverlayView {
  let name = "lockstep"
  let heading = "Two plans in lockstep"
  let otherKeys = OtherKeys.nothing

  let keys: [KeyBinding] = [
    .changing("along-first", .keys("a"), "the next token of A's text") { $0.step(along: .first) },
    .changing("along-second", .keys("b"), "the next token of B's text") { $0.step(along: .second) },
    .changing("take", .keys(.enter), "the candidate under the cursor") { $0.stepToPicked() },
    .changing("back", .keys(.backspace), "one token back") { $0.stepBack() },
    .changing("previous", .keys(.up, "k"), "previous candidate") { pick(&$0, by: -1) },
    .changing("next", .keys(.down, "j"), "next candidate") { pick(&$0, by: 1) },
    .changing("side", .keys(.left, .right, "h", "l", .tab), "candidates of the other plan") { state in
      let other = state.lockstep?.side.other ?? .first
      state.lockstep?.side = other
    },
    .changing("close", .keys(.escape, "q"), "close") { $0.endLockstep() },
  ]

  private static func pick(_ state: inout AppState, by step: Int) {
    guard let lockstep = state.lockstep else { return }
    let count = lockstep.report?[lockstep.side].count ?? 0
    state.lockstep?.picked = max(0, min(lockstep.picked + step, count - 1))
  }

  func title(_ state: AppState) -> String { "Lockstep · after \(state.lockstep?.tokens.count ?? 0) tokens" }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    guard let lockstep = state.lockstep else { return }
    let rows = LockstepReport.count + 7
    let size = Size(
      width: min(canvas.size.width, max(60, canvas.size.width * 4 / 5)), height: min(canvas.size.height, rows)
    )
    let rect = Rect(
      x: (canvas.size.width - size.width) / 2, y: (canvas.size.height - size.height) / 2, width: size.width,
      height: size.height)
    canvas.fill(rect, .popup)
    canvas.draw(in: rect) { box in
      box.grid.frame(
        box.grid.bounds, title: title(state), style: box.theme.style(.focusedFrame, on: .popup),
        titleStyle: box.theme.style(.focusedTitle, on: .popup))
      let footers = [
        " \(key("along-first", state)) A's text · \(key("along-second", state)) B's · \(key("take", state)) takes it · "
          + "\(key("back", state)) back · \(key("close", state)) closes ",
        " \(key("along-first", state)) \(key("along-second", state)) \(key("take", state)) step · "
          + "\(key("close", state)) closes ",
      ]
      if let footer = footers.first(where: { $0.cellWidth <= size.width - 4 }) {
        box.write([Span(footer, .faint)], endingAt: size.width - 1, y: size.height - 1, on: .popup)
      }
      let inside = Rect(x: 2, y: 1, width: size.width - 4, height: size.height - 2)
      box.draw(in: inside) { draw(lockstep, state, on: &$0) }
    }
  }

  private func draw(_ lockstep: LockstepState, _ state: AppState, on canvas: inout Canvas) {
    let width = canvas.size.width
    guard let report = lockstep.report else {
      canvas.write(lockstep.problem?.sanitized ?? "reading", .faint, x: 0, y: 0, width: width, on: .popup)
      return
    }
    canvas.write(tail(report.text, width: width), x: 0, y: 0, width: width, on: .popup)
    let column = (width - 2) / 2
    for (side, x) in [(PairReport.Side.first, 0), (.second, column + 2)] {
      draw(report, side, lockstep, state, x: x, width: column, on: &canvas)
    }
    let y = min(LockstepReport.count + 4, canvas.size.height - 1)
    canvas.write(figures(report, lockstep), x: 0, y: y, width: width, on: .popup)
  }

  /// The end of what both have read, as much as a line holds.
  private func tail(_ text: String, width: Int) -> Line {
    let shown = text.onOneLine
    guard shown.cellWidth > width else { return [Span(shown)] }
    var rest = shown[...]
    while rest.cellWidth > width - 1 { rest = rest.dropFirst() }
    return [Span("…", .faint), Span(String(rest))]
  }

  private func figures(_ report: LockstepReport, _ lockstep: LockstepState) -> Line {
    if let problem = lockstep.problem { return [Span(problem.sanitized, .error)] }
    guard lockstep.isCurrent else { return [Span("reading", .faint)] }
    let divergence = report.divergence
    return [
      Span("KL ", .faint), Span(Figures.fixed(divergence.kl, 3), .strong), Span(" · JS ", .faint),
      Span(Figures.fixed(divergence.js, 3)),
      Span(divergence.kl.isNaN ? "" : divergence.sameTop ? " · the same top" : " · another top", .faint),
    ]
  }

  private func draw(
    _ report: LockstepReport, _ side: PairReport.Side, _ lockstep: LockstepState, _ state: AppState, x: Int,
    width: Int, on canvas: inout Canvas
  ) {
    let id = side == .first ? lockstep.pair.first : lockstep.pair.second
    let label = state.session.conversation[id]?.answer.map { state.plans.label(of: $0) } ?? ""
    canvas.write(
      [Span("\(side.name) ", .key), Span(label, .strong)], x: x, y: 2, width: width, on: .popup)
    let candidates = report[side]
    if candidates.isEmpty { canvas.write("NaN", .error, x: x, y: 3, width: width, on: .popup) }
    for (row, candidate) in candidates.enumerated() where row + 3 < canvas.size.height {
      let isPicked = side == lockstep.side && row == lockstep.picked
      let ground: Element = isPicked ? .popupCursor : .popup
      if isPicked { canvas.fill(Rect(x: x, y: row + 3, width: width, height: 1), .popupCursor) }
      // Which answers go on with it.
      let marks = [PairReport.Side.first, .second].filter { state.nextToken($0) == candidate.id }.map(\.name)
      let other = " \(side.other.name) \(ScoredText.percent(candidate.other))"
      let line: Line =
        [
          Span(ScoredText.percent(candidate.probability).padded(to: 6) + " "),
          Span(HeatmapAxis.quoted(candidate.label, width: max(4, width - 22)), .strong),
        ] + (marks.isEmpty ? [] : [Span(" " + marks.joined(separator: " "), .key)])
      canvas.write(line, x: x, y: row + 3, width: width, on: ground)
      if line.width + other.cellWidth < width {
        canvas.write([Span(other, .faint)], endingAt: x + width, y: row + 3, on: ground)
      }
    }
  }
}
