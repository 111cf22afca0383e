import Sessions
import Terminal

/// Two answers to one prompt side by side: A, the earlier one, and B, its rerun under another plan.
struct ComparePane: Pane {
  func title(_ state: AppState) -> String { heading("A", state.comparison?.first, state, width: .max) }

  let keys: [KeyBinding] = [
    KeyBinding("up", .keys(.up, "k"), "scroll up", hint: "scroll") { scroll(&$0, by: -1) },
    KeyBinding("down", .keys(.down, "j"), "scroll down") { scroll(&$0, by: 1) },
    KeyBinding("page-up", .keys(.pageUp), "scroll up by a page") { scroll(&$0, by: -10) },
    KeyBinding("page-down", .keys(.pageDown, " "), "scroll down by a page") { scroll(&$0, by: 10) },
    KeyBinding("rerun", .keys("r"), "rerun B under the current plan", hint: "rerun") { $0.rerun() },
    KeyBinding("close", .keys("x"), "close the comparison", hint: "close") { state in
      state.comparison = nil
      state.focusInput()
      return []
    },
    .zoom,
  ]

  private static func scroll(_ state: inout AppState, by rows: Int) -> [Effect] {
    state.scrollComparison(by: rows)
    return []
  }

  func drawFrame(_ style: Style, on canvas: inout Canvas) {
    canvas.grid.frame(canvas.grid.bounds, style: style)
    canvas.grid.verticalLine(x: canvas.size.width / 2, y: 0...max(0, canvas.size.height - 3), style: style)
  }

  func drawTitle(_ state: AppState, _ style: Style, on canvas: inout Canvas) {
    let divider = canvas.size.width / 2
    for (letter, id, x, end) in [
      ("A", state.comparison?.first, 1, divider),
      ("B", state.comparison?.second, divider + 1, canvas.size.width - 1),
    ] {
      // A space on either side.
      let text = heading(letter, id, state, width: end - x - 2)
      canvas.writeTitle(text, x: x, width: end - x, style)
    }
  }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    guard let figures = ComparisonFigures(state) else { return }
    let columns = Columns(figures, width: canvas.size.width)
    let height = max(0, canvas.size.height - 1)
    let top = columns.top(state, height: height)
    for y in 0..<height {
      if columns.first.indices.contains(top + y) {
        canvas.write(columns.first[top + y], x: 1, y: y, width: columns.firstWidth)
      }
      if columns.second.indices.contains(top + y) {
        canvas.write(columns.second[top + y], x: columns.divider + 2, y: y, width: columns.secondWidth)
      }
    }
    canvas.write(figures.summary, x: 1, y: height, width: canvas.size.width - 2)
  }

  /// Both answers, wrapped.
  private struct Columns {
    let divider: Int
    let firstWidth: Int
    let secondWidth: Int
    let first: [Line]
    let second: [Line]

    init(_ figures: ComparisonFigures, width: Int) {
      // The frame is outside: its divider is one column nearer here.
      divider = (width + 2) / 2 - 1
      firstWidth = max(1, divider - 2)
      secondWidth = max(1, width - divider - 3)
      first = figures.first.marked(changed: [], split: nil).wrapped(width: firstWidth)
      second = figures.second.marked(changed: figures.changed, split: figures.splitWord)
        .wrapped(width: secondWidth)
    }

    func lastTop(height: Int) -> Int { max(0, max(first.count, second.count) - height) }

    /// The first row shown: where the reader scrolled to, or else what is being written.
    func top(_ state: AppState, height: Int) -> Int {
      let isStreaming = state.comparison?.second == state.answering
      let follow = isStreaming ? max(0, second.count - height) : 0
      return min(state.comparison?.top ?? follow, lastTop(height: height))
    }
  }

  /// The row that is at the top now, and the last that may be.
  static func scrollRange(_ state: AppState, size: Size) -> (top: Int, last: Int) {
    guard let figures = ComparisonFigures(state) else { return (0, 0) }
    let columns = Columns(figures, width: size.width)
    let height = max(0, size.height - 1)
    return (columns.top(state, height: height), columns.lastTop(height: height))
  }

  /// What stands above a column: `B lean · 171 tok/s`. A plan's long name gives way to the speed.
  private func heading(_ letter: String, _ id: Int?, _ state: AppState, width: Int) -> String {
    guard let node = id.flatMap({ state.session.conversation[$0] }) else { return letter }
    let speed = state.decodeRate(of: node).map { " · \(Figures.rate($0)) tok/s" } ?? ""
    let name = node.answer.map { " \(state.plans.label(of: $0))" } ?? ""
    return letter + name.truncated(width: max(4, width - 1 - speed.cellWidth)) + speed
  }
}
