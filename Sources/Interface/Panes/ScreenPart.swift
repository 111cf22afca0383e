import Terminal

/// A part of the screen that is drawn from a value. The same value looks the same, so a frame draws the part
/// again only when its value is another than in the frame before: nothing has to know which events change
/// what.
protocol ScreenPart: Sendable {
  /// Cheap to compare: large values come as ``Versioned``.
  associatedtype Content: Equatable
  /// All that the part shows, in room of `size`.
  func content(_ state: AppState, size: Size) -> Content
  /// Draws it; the canvas is the part's room, and blank but for lines of frames.
  func draw(_ content: Content, on canvas: inout Canvas)
}

extension ScreenPart {
  /// Draws the part in `rect` unless `last` is what it shows.
  ///
  /// - Parameter ground: The screen without any content.
  /// - Returns: The part's content.
  func redraw(
    _ state: AppState, in rect: Rect, over ground: CellGrid, after last: (any Equatable)?,
    on canvas: inout Canvas
  ) -> any Equatable {
    let content = content(state, size: rect.size)
    if let last = last as? Content, last == content { return content }
    canvas.grid.copy(rect, from: ground)
    canvas.draw(in: rect) { draw(content, on: &$0) }
    return content
  }
}
