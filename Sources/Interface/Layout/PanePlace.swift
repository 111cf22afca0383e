/// The place of a pane on the screen.
enum PanePlace: Equatable {
  /// The line at the lower edge that is typed into.
  case input
  /// The large place at the left, or alone.
  case main
  /// Below the main pane.
  case below
  /// Beside the main pane; one at a time where there is not room for all. Rows are counted with the frame:
  /// the least that make sense, and as many as there is something for.
  case side(least: Int, wanted: Int)

  /// The order of tabs.
  fileprivate var rank: Int {
    switch self {
    case .main: 0
    case .below: 1
    case .side: 2
    case .input: 3
    }
  }

  var isSide: Bool { if case .side = self { true } else { false } }

  /// The rows of a side pane; none of others.
  var rows: (least: Int, wanted: Int) {
    if case .side(let least, let wanted) = self { (least, wanted) } else { (0, 0) }
  }
}

/// A pane that there is something to show in, and its place.
struct PaneSlot: Equatable {
  var id: PaneID
  var place: PanePlace
}

extension [PaneSlot] {
  /// The panes that can stand in for each other where one has all the room, as tabs have them.
  var tabs: [PaneID] {
    filter { $0.place != .input }.enumerated()
      .sorted { ($0.element.place.rank, $0.offset) < ($1.element.place.rank, $1.offset) }.map(\.element.id)
  }
}
