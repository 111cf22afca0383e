import Terminal

/// A framed box over the middle of the screen.
enum Popup {
  /// Rows of content that fit.
  static func room(_ size: Size) -> Int { max(1, size.height - 4) }

  /// Columns of content that fit.
  static func width(_ size: Size) -> Int { max(1, size.width - 4) }

  /// Rows of a text of which as many are shown as fit, from the `scroll`th on. The box keeps its width while it
  /// scrolls.
  ///
  /// - Parameter hints: Keys and what they do, for the lower edge; the first is for texts that do not fit.
  static func draw(
    _ title: String, _ rows: [Line], scroll: Int, hints: [(key: String, does: String)],
    on canvas: inout Canvas
  ) {
    let room = room(canvas.size)
    let first = min(scroll, max(0, rows.count - room))
    let fits = rows.count <= room
    let shownHints = (fits ? hints.dropFirst() : hints[...]).map { "\($0.key) \($0.does)" }
    let place = fits ? [] : ["\(min(rows.count, first + room))/\(rows.count)"]
    let width = min(rows.map(\.width).max() ?? 0, width(canvas.size))
    var shown = Array(rows.dropFirst(first).prefix(room))
    if let line = shown.first {
      shown[0] = line + [Span(String(repeating: " ", count: max(0, width - line.width)))]
    }
    draw(title, shown, footer: (place + shownHints).joined(separator: " · "), on: &canvas)
  }

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
