import IO
import Inference
import Sessions
import Terminal

/// Two answers to one prompt side by side: A, the earlier one, and B, its rerun under another plan. Words are
/// shaded by how far the other plan is on the same text.
struct ComparePane: Pane {
  let id = PaneID.compare
  let heading = "Compare"

  let keys: [KeyBinding] = [
    .changing("up", .keys(.up, "k"), "scroll up; the token above", hint: "scroll") { move(&$0, rows: -1) },
    .changing("down", .keys(.down, "j"), "scroll down; the token below") { move(&$0, rows: 1) },
    .changing("page-up", .keys(.pageUp), "scroll up by a page") { scroll(&$0, by: -10) },
    .changing("page-down", .keys(.pageDown, " "), "scroll down by a page") { scroll(&$0, by: 10) },
    .changing("previous-token", .keys(.left, "h"), "look at a token: the one before", hint: "token") {
      move(&$0, tokens: -1)
    },
    .changing("next-token", .keys(.right, "l"), "look at a token: the next") { move(&$0, tokens: 1) },
    .changing("other-answer", .keys("c"), "the token in the same place of the other answer") { cross(&$0) },
    .changing(
      "worst", .keys("w"), "the token of the largest KL, then the next of the worst ten", hint: "worst"
    ) {
      moveToWorst(&$0, by: 1)
    },
    .changing("less-bad", .keys("W"), "the one before of the worst ten") { moveToWorst(&$0, by: -1) },
    .changing("split", .keys("s"), "the token in which the answers part") { moveToSplit(&$0) },
    .changing("lockstep", .keys(.enter), "step both plans along the text, from the token on", hint: "step") {
      step(&$0)
    },
    .changing("leave", .keys(.escape), "leave the token; then back to the input line") { state in
      if state.comparison?.cursor == nil { state.focusInput() }
      state.comparison?.cursor = nil
    },
    .changing("previous-first", .keys("["), "A: the run before", hint: "A") { $0.pickRun(.first, by: -1) },
    .changing("next-first", .keys("]"), "A: the next run") { $0.pickRun(.first, by: 1) },
    .changing("previous-second", .keys("{"), "B: the run before", hint: "B") { $0.pickRun(.second, by: -1) },
    .changing("next-second", .keys("}"), "B: the next run") { $0.pickRun(.second, by: 1) },
    .changing("swap", .keys("v"), "A and B change places") { $0.swapRuns() },
    KeyBinding("measure", .keys("d"), "compare the plans, where that was stopped") { $0.compareAgain() },
    KeyBinding("time", .keys("t"), "time both plans in turns", hint: "time") { $0.timeInTurns() },
    .changing("thought", .keys("o"), "unfold the thoughts before the answers, or fold them") { state in
      state.comparison?.unfoldsThoughts.toggle()
    },
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
    /// The token that is looked at.
    var cursor: Comparison.Cursor?
    /// The runs to choose from; empty where there are no more than two.
    var strip: Line
  }

  func content(_ state: AppState, size: Size) -> Content {
    Content(
      answers: ComparedAnswers(state), top: state.comparison?.top, cursor: state.comparison?.cursor,
      strip: RunStrip(state).line(width: max(1, size.width - 2)))
  }

  func draw(_ content: Content, on canvas: inout Canvas) {
    guard let columns = ComparisonColumns(content, size: canvas.size) else { return }
    let sides: [(PairReport.Side, Int)] = [(.first, 1), (.second, columns.divider + 2)]
    for (side, x) in sides {
      let column = columns[side]
      for y in 0..<columns.height {
        let row = column.top + y
        guard column.rows.indices.contains(row) else { break }
        canvas.write(column.rows[row].line, x: x, y: columns.head + y, width: column.width)
        canvas.shade(column.shades[row] ?? [], x: x, y: columns.head + y)
      }
    }
    if let cursor = content.cursor {
      draw(cursor, columns, x: cursor.side == .first ? 1 : columns.divider + 2, on: &canvas)
    }
    let below = columns.head + columns.height
    for ((side, x), line) in zip(sides, columns.sparklines) {
      canvas.write(line, x: x, y: below, width: columns[side].width)
    }
    // The line between the answers may reach into the figures.
    let y = below + (columns.sparklines.isEmpty ? 0 : 1)
    let figures = Rect(x: 0, y: y, width: canvas.size.width, height: columns.summary.count)
    canvas.fill(figures, .text)
    for (index, row) in columns.summary.enumerated() {
      canvas.write(row, x: 1, y: y + index, width: canvas.size.width - 2)
    }
    if columns.head > 0 {
      canvas.fill(Rect(x: 0, y: 0, width: canvas.size.width, height: 1), .text)
      canvas.write(content.strip, x: 1, y: 0, width: canvas.size.width - 2)
    }
  }

  private func draw(
    _ cursor: Comparison.Cursor, _ columns: ComparisonColumns, x: Int, on canvas: inout Canvas
  ) {
    let style = canvas.theme[.popupCursor]
    let column = columns[cursor.side]
    for place in column.places where place.token == cursor.token {
      let y = place.row - column.top
      guard (0..<columns.height).contains(y) else { continue }
      let cells = Rect(
        x: x + place.cells.lowerBound, y: columns.head + y, width: place.cells.count, height: 1)
      canvas.grid.restyle(cells) { $0 = style }
    }
  }

  // MARK: Selecting

  func firstRow(_ state: AppState, size: Size) -> Int {
    ComparisonColumns(content(state, size: size), size: size).map { $0.top - $0.head } ?? 0
  }

  func columns(_ size: Size) -> [Range<Int>] {
    let divider = (size.width + 2) / 2 - 1
    return [0..<max(1, divider), divider + 1..<max(divider + 2, size.width)]
  }

  func textRows(_ state: AppState, _ rows: ClosedRange<Int>, column: Range<Int>, size: Size) -> [TextRow]? {
    guard let columns = ComparisonColumns(content(state, size: size), size: size) else { return nil }
    let isFirst = column.lowerBound == 0
    let own = isFirst ? columns.first : columns.second
    let x = isFirst ? 1 : columns.divider + 2
    return rows.map { row in
      // Below the answers is the line that compares them, above may be the runs.
      let place = row - columns.top + own.top
      guard own.rows.indices.contains(place), row < columns.top + columns.height, row >= columns.top - own.top
      else {
        return TextRow(line: [], isOrnament: true)
      }
      let space = Span(String(repeating: " ", count: x))
      let shown = own.rows[place]
      return TextRow(
        line: [space] + shown.line, margin: x + shown.margin, isOrnament: shown.isOrnament, join: shown.join)
    }
  }

  /// A click on a token looks at it.
  func click(_ state: inout AppState, at place: Point, size: Size) {
    guard let columns = ComparisonColumns(content(state, size: size), size: size),
      (columns.head..<columns.head + columns.height).contains(place.y)
    else { return }
    let side: PairReport.Side = place.x <= columns.divider ? .first : .second
    let x = side == .first ? 1 : columns.divider + 2
    let row = columns[side].top + place.y - columns.head
    let hit = columns[side].places.first { $0.row == row && $0.cells.contains(place.x - x) }
    state.comparison?.cursor = hit.map { Comparison.Cursor(side: side, token: $0.token) }
  }

  func scroll(_ state: inout AppState, by steps: Int) { Self.scroll(&state, by: 3 * steps) }
}

// MARK: - Moving

extension ComparePane {
  private static func columns(_ state: AppState) -> ComparisonColumns? {
    state.layout.panes[.compare].flatMap { rect in
      let size = rect.inset().size
      return ComparisonColumns(ComparePane().content(state, size: size), size: size)
    }
  }

  private static func scroll(_ state: inout AppState, by rows: Int) {
    guard let columns = columns(state) else { return }
    state.comparison?.top = max(0, min(columns.top + rows, columns.lastTop))
  }

  /// Scrolls, or goes to a token above or below the one that is looked at.
  private static func move(_ state: inout AppState, rows: Int) {
    guard let cursor = state.comparison?.cursor, let columns = columns(state),
      let place = columns.place(of: cursor)
    else { return scroll(&state, by: rows) }
    let next = place.row + rows
    let last = columns[cursor.side].rows.count
    // Rows without a token are passed.
    for row in rows < 0 ? Array((0...max(0, next)).reversed()) : Array(next..<max(next, last)) {
      if let token = columns.token(cursor.side, row: row, near: place.cells.lowerBound) {
        return look(at: token, cursor.side, &state)
      }
    }
  }

  private static func move(_ state: inout AppState, tokens: Int) {
    guard let report = report(&state) else { return }
    guard let cursor = state.comparison?.cursor else {
      // B is the newer one; where it parts from A is what is of interest.
      let columns = columns(state)
      let side = PairReport.Side.second
      return look(at: split(state) ?? columns?.firstToken(side) ?? 0, side, &state)
    }
    let parts = report[cursor.side].parts
    var next = cursor.token + tokens
    // Tokens of a thought that is folded are not to be seen.
    while parts.indices.contains(next), parts[next] == .reasoning, state.comparison?.unfoldsThoughts == false
    {
      next += tokens
    }
    guard parts.indices.contains(next) else { return }
    look(at: next, cursor.side, &state)
  }

  private static func cross(_ state: inout AppState) {
    guard report(&state) != nil, let cursor = state.comparison?.cursor else { return move(&state, tokens: 1) }
    look(at: cursor.token, cursor.side.other, &state)
  }

  /// Goes through the ten tokens of the largest KL in the answer that is looked at, B unless one of A is.
  private static func moveToWorst(_ state: inout AppState, by step: Int) {
    guard let report = report(&state) else { return }
    let side = state.comparison?.cursor?.side ?? .second
    let worst = report[side].divergence.worst(10)
    guard !worst.isEmpty else { return state.say("the plans say the same here: there is no KL") }
    let place = state.comparison?.cursor.flatMap { worst.firstIndex(of: $0.token) }
    let next = place.map { ($0 + step + worst.count) % worst.count } ?? 0
    look(at: worst[next], side, &state)
    state.say("\(next + 1) of the \(worst.count) worst tokens of \(side.name)")
  }

  private static func moveToSplit(_ state: inout AppState) {
    guard report(&state) != nil else { return }
    guard let split = split(state) else { return state.say("the answers do not part") }
    look(at: split, state.comparison?.cursor?.side ?? .second, &state)
  }

  /// Steps both plans along the answer that is looked at, B unless it is A, from the token or where they part.
  private static func step(_ state: inout AppState) {
    guard let report = report(&state) else { return }
    let cursor = state.comparison?.cursor
    let answer = report[cursor?.side ?? .second].divergence.answer
    state.beginLockstep(report.pair, along: Array(answer.prefix(cursor?.token ?? split(state) ?? 0)))
  }

  /// What is known of the pair; says so where nothing is.
  private static func report(_ state: inout AppState) -> PairReport? {
    guard let pair = state.comparison?.pair else { return nil }
    if let report = state.pairs.report(pair) { return report }
    state.say(
      state.comparison?.second == state.answering
        ? "tokens can be looked at when the answer has ended" : "the plans are not compared yet")
    return nil
  }

  /// The first token that differs, tokens of thoughts included.
  private static func split(_ state: AppState) -> Int? {
    guard let pair = state.comparison?.pair, let report = state.pairs.report(pair) else { return nil }
    let (first, second) = (report.first.divergence.answer, report.second.divergence.answer)
    return first == second ? nil : zip(first, second).prefix { $0 == $1 }.count
  }

  /// Looks at a token, and shows it.
  private static func look(at token: Int, _ side: PairReport.Side, _ state: inout AppState) {
    guard let pair = state.comparison?.pair, let report = state.pairs.report(pair) else { return }
    let last = report[side].divergence.answer.count - 1
    let cursor = Comparison.Cursor(side: side, token: max(0, min(token, last)))
    state.comparison?.cursor = cursor
    // The read-out may be longer than the figures were, so that the columns are laid out anew.
    guard let columns = columns(state), let place = columns.place(of: cursor) else { return }
    let column = columns[side], y = place.row - column.top
    guard !(0..<columns.height).contains(y) else { return }
    state.comparison?.top = max(0, min(columns.lastTop, place.row - columns.height / 3))
  }
}

extension PaneID {
  static let compare = PaneID("compare")
}
