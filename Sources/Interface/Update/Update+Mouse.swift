import Terminal

extension AppState {
  /// Does what the mouse says: focus, cursors, scrolling, and selecting text inside of a pane.
  mutating func react(to mouse: Mouse) -> [Effect] {
    switch mouse.action {
    case .press(.left) where overlay != nil:
      guard let view = overlay?.view else { break }
      let (isTaken, effects) = view.click(&self, at: mouse.position)
      if isTaken { return effects }
      press(at: mouse.position)
    case .press(.left): press(at: mouse.position)
    case .drag(.left): drag(to: mouse.position)
    case .release: return release()
    case .scrollUp, .scrollDown:
      let steps = mouse.action == .scrollUp ? -1 : 1
      if let overlay {
        overlay.view.scroll(&self, by: steps)
        break
      }
      guard let (id, _) = pane(at: mouse.position) else { break }
      Panes[id].scroll(&self, by: steps)
    default: break
    }
    return []
  }

  private func pane(at place: Point) -> (PaneID, Rect)? {
    layout.panes.first { $0.value.contains(place) }.map { ($0.key, $0.value) }
  }

  private mutating func press(at place: Point) {
    overlay = nil
    selection = nil
    guard let (id, rect) = pane(at: place) else {
      if layout.input.contains(place) { focusInput() }
      return
    }
    let before = focus
    focus(on: id)
    let room = rect.inset()
    let inside = Point(x: place.x - room.minX, y: place.y - room.minY)
    Panes[id].click(&self, at: inside, size: room.size)
    // The focus may have moved or closed panes.
    guard room.contains(place), layout.panes[id] == rect,
      let columns = Panes[id].columns(room.size).first(where: { $0.contains(inside.x) })
    else { return }
    let row = inside.y + Panes[id].firstRow(self, size: room.size)
    selection = Selection(id, columns: columns, at: Point(x: inside.x, y: row), focus: before)
  }

  private mutating func drag(to place: Point) {
    guard let selection, let room = layout.panes[selection.pane]?.inset() else { return }
    let pane = Panes[selection.pane]
    if place.y < room.minY { pane.scroll(&self, by: -1) }
    if place.y >= room.maxY { pane.scroll(&self, by: 1) }
    let y = min(max(place.y, room.minY), room.maxY - 1) - room.minY
    let x = min(max(place.x - room.minX, selection.columns.lowerBound), selection.columns.upperBound - 1)
    let row = y + pane.firstRow(self, size: room.size)
    self.selection?.head = Point(x: x, y: row)
  }

  /// What is selected goes to the clipboard, and the keys back to where they were.
  private mutating func release() -> [Effect] {
    guard let selection else { return [] }
    guard !selection.isEmpty, let room = layout.panes[selection.pane]?.inset() else {
      self.selection = nil
      return []
    }
    let text = selectedText(selection, in: room)
    if selection.focus != focus { selection.focus == .input ? focusInput() : focus(on: selection.focus) }
    guard text.contains(where: { !$0.isWhitespace }) else { return [] }
    return [.terminal(.copy(text, name: "the selection, \(Figures.grouped(text.count)) characters"))]
  }

  private func selectedText(_ selection: Selection, in room: Rect) -> String {
    let pane = Panes[selection.pane]
    if let rows = pane.textRows(self, selection.rows, column: selection.columns, size: room.size) {
      let last = selection.cells(row: selection.rows.upperBound)
      return TextRow.text(
        rows, from: selection.cells(row: selection.rows.lowerBound).lowerBound, to: last.upperBound)
    }
    // What is not text, such as a table of figures, is taken as it stands on the screen.
    let grid = render(self)
    return selection.rows.map { row in
      grid.text(x: selection.cells(row: row), y: row - pane.firstRow(self, size: room.size), in: room)
    }.joined(separator: "\n")
  }
}
