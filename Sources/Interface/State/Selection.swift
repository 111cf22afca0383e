import Terminal

/// Text that is selected with the mouse, inside of one pane.
struct Selection: Sendable, Hashable {
  let pane: PaneID
  /// The cells of the pane that it is confined to: a column of text, where the pane has several.
  let columns: Range<Int>
  /// Where the button was pressed and where the mouse is: cells of the pane, and rows of what it scrolls through.
  let anchor: Point
  var head: Point
  /// The pane that had the focus before.
  let focus: PaneID

  init(_ pane: PaneID, columns: Range<Int>, at place: Point, focus: PaneID) {
    self.pane = pane
    self.columns = columns
    self.focus = focus
    anchor = place
    head = place
  }

  /// A press that is no drag selects nothing.
  var isEmpty: Bool { anchor == head }

  private var first: Point { (anchor.y, anchor.x) <= (head.y, head.x) ? anchor : head }
  private var last: Point { (anchor.y, anchor.x) <= (head.y, head.x) ? head : anchor }

  var rows: ClosedRange<Int> { first.y...last.y }

  /// The cells that are selected in a row; none outside of `rows`.
  func cells(row: Int) -> Range<Int> {
    guard !isEmpty, rows.contains(row) else { return 0..<0 }
    let start = row == first.y ? first.x : columns.lowerBound
    let end = row == last.y ? last.x + 1 : columns.upperBound
    return start..<max(start, end)
  }
}
