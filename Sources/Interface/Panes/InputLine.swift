import Terminal

/// The line that messages and commands are typed into. Readline edits it; this shows what readline says.
struct InputLine: Pane {
  func title(_ state: AppState) -> String { "Input" }

  func drawFrame(_ style: Style, on canvas: inout Canvas) {}

  func draw(_ state: AppState, on canvas: inout Canvas) {
    let hasFocus = state.focus == .input
    let prompt = Self.prompt(state)
    let indent = prompt.cellWidth
    let placed = Self.place(state.input.text, cursor: state.input.cursor, width: canvas.size.width - indent)
    let first = max(0, min(placed.cursor.y - canvas.size.height + 1, placed.rows.count - canvas.size.height))
    canvas.write(prompt, hasFocus ? .prompt : .faint, x: 0, y: 0)
    for (y, row) in placed.rows.dropFirst(first).prefix(canvas.size.height).enumerated() {
      canvas.write(row, .text, x: indent, y: y)
    }
    if state.input.text.isEmpty {
      canvas.write(
        placeholder(state), .faint, x: indent + (hasFocus ? 1 : 0), y: 0,
        width: canvas.size.width - indent - 1)
    }
    if hasFocus, state.overlay == nil {
      canvas.grid.cursor = Point(x: indent + placed.cursor.x, y: placed.cursor.y - first)
    }
  }

  /// `›`, or what readline asks for while it searches the history.
  private static func prompt(_ state: AppState) -> String {
    (state.input.prompt ?? "› ").sanitized.truncated(width: max(2, state.size.width / 2))
  }

  private func placeholder(_ state: AppState) -> String {
    if state.editing != nil { return "the message anew, as a branch beside the old one" }
    return state.focus == .input ? "a message, or / for commands" : "Esc to type"
  }

  /// Rows that the text needs.
  static func rows(of state: AppState) -> Int {
    guard !state.input.text.isEmpty else { return 1 }
    return place(
      state.input.text, cursor: state.input.cursor, width: state.size.width - prompt(state).cellWidth
    )
    .rows.count
  }

  /// Breaks the text at the edge, wherever that is, so that every place in it is a place on the screen.
  static func place(_ text: String, cursor: Int, width: Int) -> (rows: [String], cursor: Point) {
    let width = max(1, width)
    var rows = [""]
    var column = 0
    var offset = 0
    var point = Point(x: 0, y: 0)
    func note() { if offset <= cursor { point = Point(x: column, y: rows.count - 1) } }
    for character in text {
      note()
      offset += character.utf8.count
      if character == "\n" {
        rows.append("")
        column = 0
        continue
      }
      let shown = character == "\t" ? " " : String(character).sanitized
      let cells = shown.cellWidth
      if column + cells > width {
        rows.append("")
        column = 0
        if offset - character.utf8.count <= cursor { point = Point(x: 0, y: rows.count - 1) }
      }
      rows[rows.count - 1] += shown
      column += cells
    }
    if column >= width {
      rows.append("")
      column = 0
    }
    note()
    return (rows, point)
  }

  let keys: [KeyBinding] = []
}
