import Terminal

/// A part of the screen that can have the focus, with all that is particular to it. A new pane is a type like
/// ``SpeedPane`` and a row of ``Panes``.
protocol Pane: ScreenPart, KeySection {
  var id: PaneID { get }
  /// Its place; nil while there is nothing to show.
  func place(_ state: AppState) -> PanePlace?
  /// In the frame's upper edge.
  func title(_ state: AppState) -> String
  /// The titles where it has several; `width` is that of the whole pane, and `element` how they look.
  func titles(_ state: AppState, width: Int, _ element: Element) -> [PaneTitle]
  /// In place of the title where panes share a place and this one is shown.
  func tab(_ state: AppState) -> String
  /// Draws the lines of the frame; the canvas is the whole pane.
  func drawFrame(_ style: Style, on canvas: inout Canvas)
  /// Turns of the mouse's wheel, down if positive.
  func scroll(_ state: inout AppState, by steps: Int)
  /// A click into the pane, counted from its upper left corner inside the frame.
  func click(_ state: inout AppState, at place: Point, size: Size)
  /// The first row on the screen of what the pane scrolls through.
  func firstRow(_ state: AppState, size: Size) -> Int
  /// The columns of text that stand beside each other, in cells from the left edge inside the frame: what is selected
  /// is in one of them.
  func columns(_ size: Size) -> [Range<Int>]
  /// The text of some rows of a column, if it is text that was wrapped; cells are those of the pane.
  func textRows(_ state: AppState, _ rows: ClosedRange<Int>, column: Range<Int>, size: Size) -> [TextRow]?
}

extension Pane {
  var name: String { id.name }
  func tab(_ state: AppState) -> String { name }
  func scroll(_ state: inout AppState, by steps: Int) {}
  func click(_ state: inout AppState, at place: Point, size: Size) {}
  func firstRow(_ state: AppState, size: Size) -> Int { 0 }
  func columns(_ size: Size) -> [Range<Int>] { [0..<max(1, size.width)] }
  func textRows(_ state: AppState, _ rows: ClosedRange<Int>, column: Range<Int>, size: Size) -> [TextRow]? {
    nil
  }

  func drawFrame(_ style: Style, on canvas: inout Canvas) {
    canvas.grid.frame(canvas.grid.bounds, style: style)
  }

  func titles(_ state: AppState, width: Int, _ element: Element) -> [PaneTitle] {
    [PaneTitle(title(state), element, x: 1, width: width - 2)]
  }
}

/// A text in the upper edge of a pane.
struct PaneTitle: Equatable {
  var x: Int
  var line: Line
}

extension PaneTitle {
  /// A title with a space at either side, in at most `width` cells.
  init(_ text: String, _ element: Element, x: Int, width: Int) {
    self.x = x
    line = width > 2 && !text.isEmpty ? [Span(" \(text.truncated(width: width - 2)) ", element)] : []
  }
}

/// All panes, in the order that Tab takes.
enum Panes {
  static let all: [any Pane] = [
    InputLine(), LayersPane(), HeatmapPane(), SpeedPane(), ChatPane(), ComparePane(),
  ]

  static subscript(id: PaneID) -> any Pane { all.first { $0.id == id }! }
}

extension AppState {
  /// The places of all parts of the screen.
  var layout: Layout {
    Layout(
      size: size,
      Layout.Wishes(
        panes: Panes.all.compactMap { pane in
          pane.place(self).map { PaneSlot(id: pane.id, place: $0) }
        }, inputRows: inputRows, statusRows: notice?.rows(width: size.width).count ?? 1, side: side,
        focus: focus, isZoomed: isZoomed, arrangement: arrangement))
  }

  /// Gives a pane the focus, and shows it.
  mutating func focus(on pane: PaneID) {
    focus = pane
    if Panes[pane].place(self)?.isSide == true { side = pane }
    if pane == .input { isZoomed = false }
  }

  /// Goes through all panes that are, or could be, on the screen.
  mutating func cycleFocus(by step: Int) {
    let panes = Panes.all.filter { $0.place(self) != nil }.map(\.id)
    let place = panes.firstIndex(of: focus) ?? 0
    focus(on: panes[(place + step + panes.count) % panes.count])
  }
}
