import Sessions
import Terminal

extension AppState {
  /// Columns or rows that a key moves a divider by.
  private static let dividerStep = 2

  /// Takes over the panes as they were last.
  mutating func restoreLayout(_ layout: RememberedState.Layout?) {
    arrangement = Arrangement(layout)
    let pane = Panes.all.first { $0.id.name == layout?.pane && $0.place(self)?.isSide == true }
    if let pane { side = pane.id }
  }

  /// Makes the pane with the focus larger, or smaller.
  mutating func growPane(by steps: Int) -> [Effect] {
    let layout = layout
    let step = steps * Self.dividerStep
    if focus == .compare || layout.panes[side] == nil, let main = layout.panes[.chat],
      layout.panes[.compare] != nil
    {
      move(.below, to: main.maxY - 1 + (focus == .compare ? -step : step), layout)
    } else if let pane = layout.panes[side], layout.panes[.chat] != nil {
      move(.side, to: pane.minX + (Panes[focus].place(self)?.isSide == true ? -step : step), layout)
    } else {
      say("no other pane is beside this one")
      return []
    }
    return [rememberingLayout]
  }

  /// Moves a divider to a column or row.
  private mutating func move(_ divider: Arrangement.Divider, to place: Int, _ layout: Layout) {
    switch divider {
    case .side:
      let columns = max(1, min(size.width - place, size.width - 1))
      // Kept as it is shown, so that a move beyond the end needs no way back.
      let shown = Arrangement(sideShare: Double(columns) / Double(size.width))
        .columns(of: size.width, otherwise: columns)
      arrangement.sideShare = Double(shown) / Double(size.width)
    case .below:
      guard let main = layout.panes[.chat], let below = layout.panes[.compare] else { return }
      let height = below.maxY - main.minY, rows = max(1, min(place - main.minY + 1, height))
      let shown = Arrangement(mainShare: Double(rows) / Double(height)).height(of: height, otherwise: rows)
      arrangement.mainShare = Double(shown) / Double(height)
    }
  }

  /// The divider at a place of the screen.
  private func divider(at point: Point, _ layout: Layout) -> Arrangement.Divider? {
    guard let main = layout.panes[.chat] else { return nil }
    let isBeside = layout.panes.values.contains {
      $0.minX == main.maxX && $0.minY <= point.y && point.y < $0.maxY
    }
    if isBeside, main.maxX - 1...main.maxX ~= point.x { return .side }
    if let below = layout.panes[.compare], below.minY == point.y, below.minX < point.x,
      point.x < below.maxX - 1
    {
      return .below
    }
    return nil
  }

  /// Takes what the mouse does to dividers; nil leaves it to others.
  mutating func dragDivider(_ mouse: Mouse) -> [Effect]? {
    switch mouse.action {
    case .press(.left):
      dragged = overlay == nil ? divider(at: mouse.position, layout) : nil
      return nil  // a press alone is one into the pane
    case .drag(.left):
      guard let dragged else { return nil }
      move(dragged, to: dragged == .side ? mouse.position.x : mouse.position.y, layout)
      return []
    case .release:
      guard dragged != nil else { return nil }
      dragged = nil
      return [rememberingLayout]
    default: return nil
    }
  }
}
