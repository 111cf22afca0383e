import Terminal

/// Draws `state` as large as its `size`. Pure: the same state gives the same grid.
func render(_ state: AppState) -> CellGrid { Frame(state).grid }

/// A screen that was drawn, and what is needed to draw the next with little work.
struct Frame {
  let grid: CellGrid
  private let setting: Setting
  /// The lines of the frames alone.
  private var ground: CellGrid
  /// Without what lies over the panes.
  private var under: CellGrid
  /// The content of each part.
  private var contents: [any Equatable] = []

  /// The values that all parts depend on.
  private struct Setting: Equatable {
    var size: Size
    var layout: Layout
    var focus: PaneID
    var theme: Theme
    var colors: ColorDepth
  }

  /// - Parameter last: The frame before; a part that shows the same as there is not drawn again.
  init(_ state: AppState, after last: Frame? = nil) {
    let layout = state.layout
    setting = Setting(
      size: state.size, layout: layout, focus: state.focus, theme: state.theme, colors: state.colors)
    let last = last?.setting == setting ? last : nil
    var canvas = Canvas(size: state.size, theme: state.theme, colors: state.colors)
    guard layout.form != .tooSmall else {
      canvas.write("too small", .warning, x: 0, y: 0)
      canvas.write("at least 20×5", .faint, x: 0, y: 1)
      grid = canvas.grid
      ground = grid
      under = grid
      return
    }
    if let last {
      ground = last.ground
      canvas.grid = last.under
    } else {
      Self.drawFrames(state, layout, on: &canvas)
      ground = canvas.grid
    }
    for (index, (part, rect)) in Self.parts(layout).enumerated() {
      contents.append(
        part.redraw(state, in: rect, over: ground, after: last?.contents[index], on: &canvas))
    }
    under = canvas.grid
    Self.drawSelection(state, layout, on: &canvas)
    Self.drawCovers(state, layout, on: &canvas)
    grid = canvas.grid
  }

  /// All that is drawn, in an order that the layout alone decides.
  private static func parts(_ layout: Layout) -> [(any ScreenPart, Rect)] {
    var parts: [(any ScreenPart, Rect)] = [(Header(), layout.header), (InputLine(), layout.input)]
    for pane in Panes.all {
      guard let rect = layout.panes[pane.id] else { continue }
      let edge = Rect(x: rect.minX, y: rect.minY, width: rect.width, height: 1)
      parts += [(PaneEdge(pane: pane, tabs: layout.tabs), edge), (pane, rect.inset())]
    }
    if let status = layout.status { parts.append((StatusLine(), status)) }
    return parts
  }

  private static func drawFrames(_ state: AppState, _ layout: Layout, on canvas: inout Canvas) {
    // The focused pane's lines come last, so that those it shares are its own.
    let panes = Panes.all.filter { $0.id != state.focus } + Panes.all.filter { $0.id == state.focus }
    for pane in panes {
      guard let rect = layout.panes[pane.id] else { continue }
      let style = canvas.theme[pane.id == state.focus ? .focusedFrame : .frame]
      canvas.draw(in: rect) { pane.drawFrame(style, on: &$0) }
    }
  }

  private static func drawSelection(_ state: AppState, _ layout: Layout, on canvas: inout Canvas) {
    guard let selection = state.selection, let room = layout.panes[selection.pane]?.inset() else { return }
    let style = canvas.theme[.selection]
    let first = Panes[selection.pane].firstRow(state, size: room.size)
    for row in selection.rows.clamped(to: first...first + max(0, room.height - 1)) {
      let cells = selection.cells(row: row)
      let rect = Rect(
        x: room.minX + cells.lowerBound, y: room.minY + row - first, width: cells.count, height: 1)
      canvas.grid.restyle(rect.intersection(room)) { $0 = style }
    }
  }

  private static func drawCovers(_ state: AppState, _ layout: Layout, on canvas: inout Canvas) {
    if layout.status == nil, state.notice != nil {
      // Without a line of its own, a notice covers what can be seen again.
      let status = StatusLine()
      canvas.fill(layout.header, .text)
      canvas.draw(in: layout.header) {
        status.draw(status.content(state, size: layout.header.size), on: &$0)
      }
    }
    CompletionPopup.draw(state, above: layout.input, on: &canvas)
    state.overlay?.view.draw(state, on: &canvas)
  }
}

extension AppState {
  /// The screen as an SVG picture, for documents.
  func svg() -> String { render(self).svg() }
}
