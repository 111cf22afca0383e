import Terminal

/// The places of all parts of the screen, for its size and what there is to show.
struct Layout: Equatable {
  enum Form: Equatable {
    /// The main pane, and all side panes beside it.
    case wide
    /// The main pane and one side pane.
    case split
    /// One pane, with tabs.
    case single
    case tooSmall
  }

  var form: Form
  var header: Rect
  /// Outer rectangles, frames included; neighbours share the lines between them.
  var panes: [PaneID: Rect] = [:]
  /// Panes of which one at a time is shown in the same place; empty where each has its own.
  var tabs: [PaneID] = []
  var input: Rect
  /// Notices, progress and hints; nil where the rows are needed otherwise.
  var status: Rect?

  static let minimum = Size(width: 20, height: 5)
  /// Rows that a long input may take.
  static let inputRows = 6
  /// Rows that a long notice may take.
  static let statusRows = 6

  /// The panes and lines to show.
  struct Wishes: Equatable {
    /// In the order of their table.
    var panes: [PaneSlot]
    /// Rows that the input line and the status line would like to have.
    var inputRows = 1
    var statusRows = 1
    /// The side pane to show where there is room for one.
    var side: PaneID
    var focus: PaneID
    /// Whether the pane with the focus takes all the room.
    var isZoomed = false
    /// Whether side panes are there only while they have the focus, and the sizes that were chosen.
    var arrangement = Arrangement()
  }

  init(size: Size, _ wishes: Wishes) {
    let (width, height) = (size.width, size.height)
    guard width >= Self.minimum.width, height >= Self.minimum.height else {
      form = .tooSmall
      header = Rect(x: 0, y: 0, width: 0, height: 0)
      input = header
      return
    }
    let inputHeight = max(1, min(wishes.inputRows, Self.inputRows, height / 3))
    let statusHeight = height >= 8 ? max(1, min(wishes.statusRows, Self.statusRows, height / 4)) : 0
    header = Rect(x: 0, y: 0, width: width, height: 1)
    input = Rect(x: 0, y: height - inputHeight - statusHeight, width: width, height: inputHeight)
    if statusHeight > 0 {
      status = Rect(x: 0, y: height - statusHeight, width: width, height: statusHeight)
    }
    let body = Rect(x: 0, y: 1, width: width, height: height - 1 - inputHeight - statusHeight)

    let all = wishes.panes.tabs
    // A pane that there is nothing for, and the input line, leave the room to the main pane.
    guard let main = all.first else {
      form = .single
      return
    }
    let shown = all.contains(wishes.focus) ? wishes.focus : main
    let sides = wishes.panes.filter(\.place.isSide)
    let below = wishes.panes.first { $0.place == .below }?.id
    if wishes.isZoomed, shown == wishes.focus {
      form = .single
      panes[shown] = body
    } else if width < Self.splitWidth || height < 12 || wishes.arrangement.isChatOnly {
      form = .single
      tabs = wishes.arrangement.isChatOnly && shown == main ? [] : all
      panes[shown] = body
      // A comparison is about what is above it.
      if let below, shown == main || shown == below, width >= 40, height >= 16 {
        let share = wishes.arrangement.height(of: body.height, otherwise: (body.height + 1) / 2)
        (panes[main], panes[below]) = body.split(below: share)
        if shown == below { tabs = [] }
      }
    } else if width < 100 || height < 28 {
      form = .split
      tabs = sides.map(\.id)
      var upper = body
      if let below {
        let share = wishes.arrangement.height(of: body.height, otherwise: (body.height + 1) / 2)
        (upper, panes[below]) = body.split(below: share)
      }
      let columns = wishes.arrangement.columns(of: width, otherwise: max(34, width * 2 / 5))
      (panes[main], panes[wishes.side]) = upper.split(right: columns)
    } else {
      form = .wide
      let columns = wishes.arrangement.columns(
        of: width, otherwise: min(62, max(46, width * 51 / 120)))
      var (left, right) = body.split(right: columns)
      if let below {
        let share = wishes.arrangement.height(of: left.height, otherwise: left.height * 11 / 20)
        (left, panes[below]) = left.split(below: share)
      }
      panes[main] = left
      stack(sides, in: right)
    }
  }

  /// The least width at which a side pane leaves the chat room to be read.
  private static let splitWidth = 72

  /// Stacks side panes: each has the rows that it wants, but the first has half of what those below it leave,
  /// if it wants as many, and what is over.
  private mutating func stack(_ sides: [PaneSlot], in column: Rect) {
    var column = column
    for slot in sides.dropFirst().reversed() {
      let most = column.height - min(sides[0].place.rows.wanted, column.height / 2) + 1
      let (least, wanted) = slot.place.rows
      let height = max(least, min(wanted, most))
      (column, panes[slot.id]) = column.split(below: column.height - height + 1)
    }
    if let first = sides.first { panes[first.id] = column }
  }
}

extension Rect {
  /// The upper `height` rows, and the rest; the line between belongs to both.
  fileprivate func split(below height: Int) -> (Rect, Rect) {
    (
      Rect(x: minX, y: minY, width: width, height: height),
      Rect(x: minX, y: minY + height - 1, width: width, height: self.height - height + 1)
    )
  }

  /// All but the rightmost columns, and those.
  fileprivate func split(right columns: Int) -> (Rect, Rect) {
    (
      Rect(x: minX, y: minY, width: width - columns, height: height),
      Rect(x: maxX - columns, y: minY, width: columns, height: height)
    )
  }
}
