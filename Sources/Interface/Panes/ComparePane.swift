import Sessions
import Terminal

/// Two answers to one prompt side by side: A, the earlier one, and B, its rerun under another plan.
struct ComparePane: Pane {
  let id = PaneID.compare
  let heading = "Compare"

  let keys: [KeyBinding] = [
    .changing("up", .keys(.up, "k"), "scroll up", hint: "scroll") { scroll(&$0, by: -1) },
    .changing("down", .keys(.down, "j"), "scroll down") { scroll(&$0, by: 1) },
    .changing("page-up", .keys(.pageUp), "scroll up by a page") { scroll(&$0, by: -10) },
    .changing("page-down", .keys(.pageDown, " "), "scroll down by a page") { scroll(&$0, by: 10) },
    KeyBinding("rerun", .keys("r"), "rerun B under the current plan", hint: "rerun") { $0.rerun() },
    .changing("close", .keys("x"), "close the comparison", hint: "close") { state in
      state.comparison = nil
      state.focusInput()
    },
    .zoom,
  ]

  func place(_ state: AppState) -> PanePlace? { state.comparison == nil ? nil : .below }

  // MARK: The frame

  func title(_ state: AppState) -> String { titleText("A", state.comparison?.first, state, width: .max) }

  func drawFrame(_ style: Style, on canvas: inout Canvas) {
    canvas.grid.frame(canvas.grid.bounds, style: style)
    canvas.grid.verticalLine(x: canvas.size.width / 2, y: 0...max(0, canvas.size.height - 3), style: style)
  }

  func titles(_ state: AppState, width: Int, _ element: Element) -> [PaneTitle] {
    let divider = width / 2
    let columns = [
      ("A", state.comparison?.first, 1, divider), ("B", state.comparison?.second, divider + 1, width - 1),
    ]
    return columns.map { letter, node, x, end in
      // A space on either side.
      PaneTitle(titleText(letter, node, state, width: end - x - 2), element, x: x, width: end - x)
    }
  }

  /// The text above a column: `B attn −4 · 171 tok/s`. The speed, which the figures below have too, gives way
  /// to the plan.
  private func titleText(_ letter: String, _ id: Int?, _ state: AppState, width: Int) -> String {
    guard let node = id.flatMap({ state.session.conversation[$0] }) else { return letter }
    let speed = state.contentRate(of: node).map { " · \(Figures.rate($0)) tok/s" } ?? ""
    let name = node.answer.map { " \(state.plans.label(of: $0))" } ?? ""
    let text = letter + name + speed
    return text.cellWidth <= width ? text : letter + name.truncated(width: max(4, width - 1))
  }

  // MARK: The answers

  struct Content: Equatable {
    /// nil while there are none.
    var answers: ComparedAnswers?
    /// Rows that both columns are scrolled down; nil follows the end of the second while it is written.
    var top: Int?
  }

  func content(_ state: AppState, size: Size) -> Content {
    Content(answers: ComparedAnswers(state), top: state.comparison?.top)
  }

  func draw(_ content: Content, on canvas: inout Canvas) {
    guard let columns = Columns(content, size: canvas.size) else { return }
    for y in 0..<columns.height {
      let row = columns.top + y
      if columns.first.indices.contains(row) {
        canvas.write(columns.first[row].line, x: 1, y: y, width: columns.firstWidth)
      }
      if columns.second.indices.contains(row) {
        canvas.write(columns.second[row].line, x: columns.divider + 2, y: y, width: columns.secondWidth)
      }
    }
    // The line between the answers may reach into the figures.
    let figures = Rect(x: 0, y: columns.height, width: canvas.size.width, height: columns.summary.count)
    canvas.fill(figures, .text)
    for (y, row) in columns.summary.enumerated() {
      canvas.write(row, x: 1, y: columns.height + y, width: canvas.size.width - 2)
    }
  }

  /// Both answers, wrapped.
  private struct Columns {
    let divider: Int
    let firstWidth: Int
    let secondWidth: Int
    /// Rows of the columns that are shown.
    let height: Int
    let first: [TextRow]
    let second: [TextRow]
    /// The first row that is shown, and the last that may be.
    let top: Int
    let lastTop: Int
    let summary: [Line]

    init?(_ content: Content, size: Size) {
      guard let answers = content.answers else { return nil }
      let figures = ComparisonFigures(answers)
      // The frame is outside: its divider is one column nearer here.
      divider = (size.width + 2) / 2 - 1
      firstWidth = max(1, divider - 2)
      secondWidth = max(1, size.width - divider - 3)
      // Figures are read whole: the answers can be scrolled.
      summary = Array(figures.summary.wrapped(width: max(1, size.width - 2)).prefix(max(1, size.height - 2)))
      height = max(0, size.height - summary.count)
      func rows(_ line: Line, _ thought: ComparedAnswers.Thought?, width: Int) -> [TextRow] {
        // The answers stay beside each other where only one has a thought.
        let hasThoughts = answers.first.thought != nil || answers.second.thought != nil
        let lines = thought?.lines ?? []
        let head = lines.first { $0.width <= width } ?? lines.last?.truncated(width: width) ?? []
        return (hasThoughts ? [TextRow(line: head, isOrnament: true)] : [])
          + line.wrappedRows(width: width).map { TextRow(line: $0.line, join: $0.join) }
      }
      first = rows(
        figures.first.marked(changed: [], split: nil), answers.first.thought, width: firstWidth)
      second = rows(
        figures.second.marked(changed: figures.changed, split: figures.splitWord), answers.second.thought,
        width: secondWidth)
      lastTop = max(0, max(first.count, second.count) - height)
      let followed = answers.isOpen ? max(0, second.count - height) : 0
      top = min(content.top ?? followed, lastTop)
    }
  }

  // MARK: Selecting

  func firstRow(_ state: AppState, size: Size) -> Int {
    Columns(content(state, size: size), size: size)?.top ?? 0
  }

  func columns(_ size: Size) -> [Range<Int>] {
    let divider = (size.width + 2) / 2 - 1
    return [0..<max(1, divider), divider + 1..<max(divider + 2, size.width)]
  }

  func textRows(_ state: AppState, _ rows: ClosedRange<Int>, column: Range<Int>, size: Size) -> [TextRow]? {
    guard let columns = Columns(content(state, size: size), size: size) else { return nil }
    let isFirst = column.lowerBound == 0
    let all = isFirst ? columns.first : columns.second
    let x = isFirst ? 1 : columns.divider + 2
    return rows.map { row in
      // Below the answers is the line that compares them.
      guard all.indices.contains(row), row < columns.top + columns.height else {
        return TextRow(line: [], isOrnament: true)
      }
      let space = Span(String(repeating: " ", count: x))
      return TextRow(line: [space] + all[row].line, margin: x, join: all[row].join)
    }
  }

  func scroll(_ state: inout AppState, by steps: Int) { Self.scroll(&state, by: 3 * steps) }

  private static func scroll(_ state: inout AppState, by rows: Int) {
    guard let rect = state.layout.panes[.compare]?.inset(),
      let columns = Columns(ComparePane().content(state, size: rect.size), size: rect.size)
    else { return }
    state.comparison?.top = max(0, min(columns.top + rows, columns.lastTop))
  }
}

extension PaneID {
  static let compare = PaneID("compare")
}
