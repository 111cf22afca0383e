import Terminal

/// A framed box over the middle of the screen.
enum Popup {
  /// Rows of content that fit.
  static func room(_ size: Size) -> Int { max(1, size.height - 4) }

  /// - Parameter footer: stands in the lower edge.
  static func draw(_ title: String, _ lines: [Line], footer: String = "", on canvas: inout Canvas) {
    let widest = max(lines.map(\.width).max() ?? 0, title.cellWidth + 2, footer.cellWidth + 2)
    let width = min(canvas.size.width, widest + 4)
    let height = min(canvas.size.height, lines.count + 2)
    let rect = Rect(
      x: (canvas.size.width - width) / 2, y: (canvas.size.height - height) / 2, width: width, height: height)
    canvas.fill(rect, .popup)
    canvas.draw(in: rect) { box in
      box.grid.frame(
        box.grid.bounds, title: title, style: box.theme.style(.focusedFrame, on: .popup),
        titleStyle: box.theme.style(.focusedTitle, on: .popup))
      for (y, line) in lines.prefix(max(0, height - 2)).enumerated() {
        box.write(line, x: 2, y: 1 + y, width: max(0, width - 4), on: .popup)
      }
      if !footer.isEmpty, width > footer.cellWidth + 4 {
        box.write([Span(" \(footer) ", .faint)], endingAt: width - 1, y: height - 1, on: .popup)
      }
    }
  }
}

/// What completes the command that is being typed, above the input line.
enum CompletionPopup {
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
