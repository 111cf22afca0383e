import Terminal

/// The line that messages and commands are typed into. Readline edits it; this shows what readline says.
struct InputLine: Pane {
  let id = PaneID.input
  let heading = "Input"
  let keys: [KeyBinding] = []

  func place(_ state: AppState) -> PanePlace? { .input }
  func title(_ state: AppState) -> String { "" }
  func drawFrame(_ style: Style, on canvas: inout Canvas) {}

  struct Content: Equatable {
    var input: InputMirror
    /// In place of a text.
    var placeholder: String
    var hasFocus: Bool
    /// Whether the terminal's cursor stands in the line.
    var hasCursor: Bool
  }

  func content(_ state: AppState, size: Size) -> Content {
    let hasFocus = state.focus == .input
    return Content(
      input: state.input,
      placeholder: state.editing != nil
        ? "the text anew, as a branch beside the old one"
        : !hasFocus
          ? "Esc to type"
          : state.example.map { "Enter asks: \($0)" } ?? "a message, or / for commands",
      hasFocus: hasFocus, hasCursor: hasFocus && state.overlay == nil)
  }

  func draw(_ content: Content, on canvas: inout Canvas) {
    let (width, height) = (canvas.size.width, canvas.size.height)
    let layout = content.input.layout(width: width)
    let first = max(0, min(layout.cursor.y - height + 1, layout.rows.count - height))
    for (y, row) in layout.rows.dropFirst(first).prefix(height).enumerated() { canvas.write(row, x: 0, y: y) }
    let promptWidth = min(content.input.shownPrompt.cellWidth, max(0, width - 2))
    if first == 0 {
      let style = canvas.theme[content.hasFocus ? .prompt : .faint]
      canvas.grid.restyle(Rect(x: 0, y: 0, width: promptWidth, height: 1)) { $0 = style }
    }
    if content.input.text.isEmpty {
      let x = promptWidth + (content.hasFocus ? 1 : 0)
      canvas.write(content.placeholder, .faint, x: x, y: 0, width: width - x)
    }
    canvas.grid.cursor =
      content.hasCursor ? Point(x: layout.cursor.x, y: layout.cursor.y - first) : nil
  }
}
