import Terminal

/// A part of the screen that can have the focus. A new pane is a type like ``SpeedPane``, a case of ``PaneID``,
/// a line in `Panes`, and a place in ``Layout``.
protocol Pane: Sendable {
  /// What stands in the frame's upper edge.
  func title(_ state: AppState) -> String
  /// Draws what is inside the frame.
  func draw(_ state: AppState, on canvas: inout Canvas)
  /// Draws the lines of the frame; the canvas is the whole pane.
  func drawFrame(_ style: Style, on canvas: inout Canvas)
  /// Writes into the frame's upper edge, once all lines are there.
  func drawTitle(_ state: AppState, _ style: Style, on canvas: inout Canvas)
  /// Keys that act while the pane has the focus, in the order of the help.
  var keys: [KeyBinding] { get }
}

extension Pane {
  func drawFrame(_ style: Style, on canvas: inout Canvas) {
    canvas.grid.frame(canvas.grid.bounds, style: style)
  }

  func drawTitle(_ state: AppState, _ style: Style, on canvas: inout Canvas) {
    canvas.writeTitle(title(state), x: 1, width: canvas.size.width - 2, style)
  }
}

extension Canvas {
  /// A title in the upper edge, with a space at either side.
  mutating func writeTitle(_ title: String, x: Int, width: Int, _ style: Style) {
    guard width > 2, !title.isEmpty else { return }
    grid.write(" \(title.truncated(width: width - 2)) ", x: x, y: 0, style: style, maxWidth: width)
  }
}

enum Panes {
  static func pane(_ id: PaneID) -> any Pane {
    switch id {
    case .input: InputLine()
    case .chat: ChatPane()
    case .compare: ComparePane()
    case .layers: LayersPane()
    case .heatmap: HeatmapPane()
    case .speed: SpeedPane()
    }
  }
}
