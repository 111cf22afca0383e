import Terminal

/// The line that messages and commands are typed into. Readline edits it; this shows what readline says.
struct InputLine: Pane {
  func title(_ state: AppState) -> String { "Input" }

  func drawFrame(_ style: Style, on canvas: inout Canvas) {}

  func draw(_ state: AppState, on canvas: inout Canvas) {
    let hasFocus = state.focus == .input
    let (width, height) = (canvas.size.width, canvas.size.height)
    let layout = Self.layout(state)
    let first = max(0, min(layout.cursor.y - height + 1, layout.rows.count - height))
    for (y, row) in layout.rows.dropFirst(first).prefix(height).enumerated() { canvas.write(row, x: 0, y: y) }
    let promptWidth = min(Self.prompt(state).cellWidth, max(0, width - 2))
    if first == 0 {
      let style = canvas.theme[hasFocus ? .prompt : .faint]
      canvas.grid.restyle(Rect(x: 0, y: 0, width: promptWidth, height: 1)) { $0 = style }
    }
    if state.input.text.isEmpty {
      let x = promptWidth + (hasFocus ? 1 : 0)
      canvas.write(placeholder(state), .faint, x: x, y: 0, width: width - x)
    }
    if hasFocus, state.overlay == nil {
      canvas.grid.cursor = Point(x: layout.cursor.x, y: layout.cursor.y - first)
    }
  }

  /// `›`, or what readline asks for while it searches the history.
  private static func prompt(_ state: AppState) -> String { state.input.prompt ?? "› " }

  /// Bytes before the cursor, and as many after it, that are laid out; more than the widest screen shows.
  private static let window = 8192

  private static func layout(_ state: AppState) -> EditorLayout {
    var text = state.input.text
    var offset = min(state.input.cursor, text.utf8.count)
    if text.utf8.count > 2 * Self.window {
      // Of a very long text only what is around the cursor can be seen anyway.
      let start = text.unicodeScalars[
        ..<text.utf8.index(text.startIndex, offsetBy: max(0, offset - Self.window))
      ].endIndex
      offset -= text.utf8.distance(from: text.startIndex, to: start)
      text = String(text[start...].unicodeScalars.prefix(2 * Self.window))
    }
    let cursor = text.utf8.index(text.startIndex, offsetBy: min(offset, text.utf8.count))
    return EditorLayout(prompt: prompt(state), text: text, cursor: cursor, width: state.size.width)
  }

  private func placeholder(_ state: AppState) -> String {
    if state.editing != nil { return "the message anew, as a branch beside the old one" }
    return state.focus == .input ? "a message, or / for commands" : "Esc to type"
  }

  /// Rows that the text needs.
  static func rows(of state: AppState) -> Int { state.input.text.isEmpty ? 1 : layout(state).rows.count }

  let keys: [KeyBinding] = []
}
