import Terminal

/// The last line: what just happened or is under way, else what the keys do here.
enum StatusLine {
  static func draw(_ state: AppState, on canvas: inout Canvas) {
    canvas.fill(canvas.grid.bounds, .text)
    let right = badges(state)
    let room = canvas.size.width - right.width - 3
    if let notice = state.notice {
      // What matters is said in full; the rest of the line can wait.
      let rows = rows(of: notice, width: canvas.size.width)
      for (y, row) in rows.prefix(canvas.size.height).enumerated() {
        let isCut = y == canvas.size.height - 1 && rows.count > y + 1
        canvas.write(isCut ? row + [Span("…", .faint)] : row, x: 1, y: y, width: canvas.size.width - 2)
      }
      let width = rows.first?.width ?? 0
      if rows.count > 1 || width > room { return }
      let left = room - width - 2
      if let progress = progress(state, room: left), progress.width <= left {
        canvas.write(progress, x: width + 3, y: 0, width: left)
      }
    } else if let progress = progress(state, room: room) {
      canvas.write(progress, x: 1, y: 0, width: room)
    } else {
      drawHints(state, width: room, on: &canvas)
    }
    canvas.write(right, endingAt: canvas.size.width - 1, y: 0)
  }

  /// What is under way, with a bar where there is room.
  private static func progress(_ state: AppState, room: Int) -> Line? {
    guard let progress = state.progress ?? state.analysis.progress else { return nil }
    var line = ChatPane.text(progress)
    if state.progress == nil { line += [Span("  ^C", .key), Span(" stops it", .faint)] }
    if room > line.width + 12 { line += [Span(" ")] + Bars.bar(progress.fraction, width: 10) }
    return line
  }

  /// Rows that the line would like to have.
  static func rows(of state: AppState) -> Int {
    state.notice.map { rows(of: $0, width: state.size.width).count } ?? 1
  }

  private static func rows(of notice: Notice, width: Int) -> [Line] {
    [Span(notice.text, notice.element)].wrapped(width: max(1, width - 2))
  }

  private static func badges(_ state: AppState) -> Line {
    var line: Line = []
    if state.isLive { line += [Span("live", .candidate), Span("  ")] }
    if state.editing != nil { line += [Span("editing", .candidate), Span("  ")] }
    return line + hints(state.keys.global)
  }

  /// As many of the pane's hints as fit whole.
  private static func drawHints(_ state: AppState, width: Int, on canvas: inout Canvas) {
    var x = 1
    let bindings = state.focus == .input ? [] : state.keys[state.focus]
    for binding in bindings where binding.hint != nil {
      let hint = hint(of: binding)
      guard x + hint.width <= width + 1 else { break }
      x = canvas.write(hint, x: x, y: 0) + 2
    }
    if state.focus == .input {
      let first: Line =
        state.answering == nil
        ? [Span("Enter", .key), Span(" sends  ", .faint)] : [Span("^C", .key), Span(" stops  ", .faint)]
      let line =
        first + [
          Span("/", .key), Span(" commands  ", .faint), Span("PgUp PgDn", .key), Span(" scroll", .faint),
        ]
      if line.width <= width { canvas.write(line, x: x, y: 0) }
    }
  }

  private static func hints(_ bindings: [KeyBinding]) -> Line {
    Line(bindings.filter { $0.hint != nil }.map(hint).joined(separator: [Span("  ")]))
  }

  private static func hint(of binding: KeyBinding) -> Line {
    [Span(binding.chords.first?.name ?? "", .key), Span(" " + (binding.hint ?? ""), .faint)]
  }
}
