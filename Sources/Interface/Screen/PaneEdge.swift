import Terminal

/// The upper edge of a pane: its title, or the names of the panes that share its place.
struct PaneEdge: ScreenPart {
  let pane: any Pane
  /// The panes that it shares its place with, itself among them; empty for none.
  let tabs: [PaneID]

  func content(_ state: AppState, size: Size) -> [PaneTitle] {
    let hasFocus = pane.id == state.focus
    guard tabs.contains(pane.id) else {
      return pane.titles(state, width: size.width, hasFocus ? .focusedTitle : .title)
    }
    var titles: [PaneTitle] = []
    var x = 1
    let end = size.width - 2
    for tab in tabs where x < end - 1 {
      let isShown = tab == pane.id
      // A name stands for what does not fit: the one that is shown first of all.
      let name = Span(
        isShown ? pane.tab(state) : tab.name, !isShown ? .faint : hasFocus ? .focusedTitle : .title)
      let line = [Span(" ", .faint), name, Span(" ", .faint)].truncated(width: end - x)
      titles.append(PaneTitle(x: x, line: line))
      x += line.width
    }
    return titles
  }

  func draw(_ content: [PaneTitle], on canvas: inout Canvas) {
    for title in content { canvas.write(title.line, x: title.x, y: 0) }
  }
}
