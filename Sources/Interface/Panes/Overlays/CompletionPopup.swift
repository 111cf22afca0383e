import Terminal

/// The list of what completes the command that is being typed, above the input line. It takes its own keys
/// and leaves the rest to the line.
struct CompletionPopup: KeySection {
  let name = "completion"
  let heading = "Completion"

  let keys: [KeyBinding] = [
    .changing("next", .keys(.down), "next in the list; Enter takes it") { $0.completion?.move(by: 1) },
    .changing("previous", .keys(.up), "previous in the list") { $0.completion?.move(by: -1) },
    KeyBinding("accept", .keys(.tab), "take it into the line") { $0.acceptCompletion() },
    .changing("close", .keys(.escape), "close the list") { $0.completion = nil },
  ]

  static func draw(_ state: AppState, above input: Rect, on canvas: inout Canvas) {
    guard let completion = state.completion, state.focus == .input, state.overlay == nil else { return }
    let rows = min(completion.candidates.count, 10, input.minY - 1)
    guard rows > 0 else { return }
    let first = max(0, min(completion.selected - rows / 2, completion.candidates.count - rows))
    let names = completion.candidates.map { $0.text.cellWidth }.max() ?? 0
    let notes = completion.candidates.map { $0.note.cellWidth }.max() ?? 0
    let x = min(2 + completion.prefix.cellWidth, max(0, canvas.size.width / 2))
    let width = min(canvas.size.width - x, names + notes + (notes > 0 ? 4 : 2))
    for row in 0..<rows {
      let candidate = completion.candidates[first + row]
      let ground: Element = first + row == completion.selected ? .popupCursor : .popup
      canvas.fill(Rect(x: x, y: input.minY - rows + row, width: width, height: 1), ground)
      canvas.draw(in: Rect(x: x, y: input.minY - rows + row, width: width, height: 1)) { line in
        line.write([Span(candidate.text)], x: 1, y: 0, width: width - 2, on: ground)
        if names + 4 < width {
          line.write(
            [Span(candidate.note, ground == .popup ? .faint : .popupCursor)], x: names + 3, y: 0,
            width: width - names - 4, on: ground)
        }
      }
    }
  }
}

extension AppState {
  /// Puts the selected candidate into the line.
  func acceptCompletion() -> [Effect] {
    completion.map { [.terminal(.setInput($0.accepted))] } ?? []
  }
}
