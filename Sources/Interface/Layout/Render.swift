import Terminal

/// Draws `state` as large as its `size`. Pure: the same state gives the same grid.
public func render(_ state: AppState) -> CellGrid { Frame(state).grid }

/// A screen that was drawn.
struct Frame {
  let grid: CellGrid
  private let layout: Layout
  private let changes: ScreenChanges
  /// Whether something lies over the panes.
  private let isCovered: Bool

  /// The panes that show measurements: they take longest to draw, and most frames change something else.
  private static let measuring: Set<PaneID> = [.layers, .heatmap]

  /// - Parameter last: the frame before, of which stays what `state` shows alike.
  init(_ state: AppState, after last: Frame? = nil) {
    layout = state.layout
    changes = state.screenChanges
    isCovered = state.overlay != nil || state.completion != nil
    let isAlike = last?.layout == layout && last?.isCovered == false
    if let last, isAlike, last.changes.beyondText == changes.beyondText {
      grid = drawChat(state, layout, over: last.grid)
    } else if let last, isAlike, last.changes.measurements == changes.measurements {
      grid = draw(state, layout, keeping: Self.measuring, of: last.grid)
    } else {
      grid = draw(state, layout)
    }
  }
}

/// - Parameter kept: panes whose contents are taken from `last`.
private func draw(
  _ state: AppState, _ layout: Layout, keeping kept: Set<PaneID> = [], of last: CellGrid? = nil
) -> CellGrid {
  var canvas = Canvas(size: state.size, theme: state.theme, colors: state.colors)
  guard layout.form != .tooSmall else {
    canvas.write("too small", .warning, x: 0, y: 0)
    canvas.write("at least 20×5", .faint, x: 0, y: 1)
    return canvas.grid
  }
  canvas.draw(in: layout.header) { Header.draw(state, on: &$0) }
  // The focused pane's lines come last, so that those it shares are its own.
  let panes = layout.panes.sorted { drawOrder($0.key, state) < drawOrder($1.key, state) }
  for (id, rect) in panes {
    let style = canvas.theme[id == state.focus ? .focusedFrame : .frame]
    canvas.draw(in: rect) { Panes.pane(id).drawFrame(style, on: &$0) }
  }
  for (id, rect) in panes {
    let style = canvas.theme[id == state.focus ? .focusedTitle : .title]
    canvas.draw(in: rect) { edge in
      if !Tabs.draw(state, layout, instead: id, on: &edge) {
        Panes.pane(id).drawTitle(state, style, on: &edge)
      }
    }
    if let last, kept.contains(id) {
      canvas.grid.copy(rect.inset(), from: last)
    } else {
      canvas.draw(in: rect.inset()) { Panes.pane(id).draw(state, on: &$0) }
    }
  }
  canvas.draw(in: layout.input) { InputLine().draw(state, on: &$0) }
  if let status = layout.status {
    canvas.draw(in: status) { StatusLine.draw(state, on: &$0) }
  } else if state.notice != nil {
    // Without a line of its own, a notice covers what can be seen again.
    canvas.draw(in: layout.header) { StatusLine.draw(state, on: &$0) }
  }
  CompletionPopup.draw(state, above: layout.input, on: &canvas)
  drawOverlay(state, on: &canvas)
  return canvas.grid
}

/// Draws the chat anew where nothing else has changed.
private func drawChat(_ state: AppState, _ layout: Layout, over grid: CellGrid) -> CellGrid {
  guard let rect = layout.panes[.chat] else { return grid }
  var canvas = Canvas(grid, theme: state.theme, colors: state.colors)
  canvas.draw(in: rect.inset()) {
    $0.fill($0.grid.bounds, .text)
    ChatPane().draw(state, on: &$0)
  }
  return canvas.grid
}

extension AppState {
  /// The screen as an SVG picture, for documents.
  public func svg() -> String { render(self).svg() }
}

private func drawOrder(_ id: PaneID, _ state: AppState) -> Int {
  id == state.focus ? .max : PaneID.allCases.firstIndex(of: id) ?? 0
}

private func drawOverlay(_ state: AppState, on canvas: inout Canvas) {
  switch state.overlay {
  case .help(let scroll): HelpOverlay.draw(state, scroll: scroll, on: &canvas)
  case .layerDetails: LayerDetailsOverlay.draw(state, on: &canvas)
  case .frontier: FrontierOverlay.draw(state, on: &canvas)
  case .confirmQuit:
    let isBusy = state.answering != nil
    Popup.draw(
      "Quit?",
      [
        [Span(isBusy ? "The answer under way will be kept as far as it is." : "The session is kept.")],
        [],
        [
          Span("Enter", .key), Span(" or ", .faint), Span("^C", .key), Span(" quits   ", .faint),
          Span("Esc", .key), Span(" stays", .faint),
        ],
      ], on: &canvas)
  case nil: break
  }
}
