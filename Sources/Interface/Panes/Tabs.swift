import Terminal

/// Names of the panes that share one place, in the upper edge of the frame instead of a title.
enum Tabs {
  /// Returns whether `pane` stands where others could; if not, it has a title of its own.
  static func draw(_ state: AppState, _ layout: Layout, instead pane: PaneID, on canvas: inout Canvas) -> Bool
  {
    guard !state.isZoomed || state.focus == .input else { return false }
    let tabs: [PaneID]
    switch layout.form {
    case .split where PaneID.side.contains(pane): tabs = PaneID.side
    case .single:
      tabs = PaneID.tabs.filter { $0 != .compare || state.comparison != nil }
    default: return false
    }
    var x = 2
    let end = canvas.size.width - 2
    for tab in tabs where x < end {
      let isShown = tab == pane
      let element: Element = !isShown ? .faint : tab == state.focus ? .focusedTitle : .title
      // A name stands for what does not fit: the one that is shown first of all.
      var name = tab.rawValue
      if isShown, tab == .heatmap { name += " \(state.heatmap.view.name)" }
      x =
        canvas.write(
          [Span(" ", .faint), Span(name, element), Span(" ", .faint)], x: x - 1, y: 0, width: end - x + 1) + 1
    }
    return true
  }
}
