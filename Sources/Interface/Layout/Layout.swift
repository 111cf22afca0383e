import Terminal

/// Where everything is, given the size and what there is to show.
struct Layout: Equatable {
  enum Form: Equatable {
    /// Chat, and all side panes beside it.
    case wide
    /// Chat and one side pane.
    case split
    /// One pane, with tabs.
    case single
    case tooSmall
  }

  var form: Form
  var header: Rect
  /// Outer rectangles, frames included; neighbours share the lines between them.
  var panes: [PaneID: Rect] = [:]
  var input: Rect
  /// Notices, progress and hints; nil where the rows are needed otherwise.
  var status: Rect?

  static let minimum = Size(width: 20, height: 5)
  /// Rows that a long input may take.
  static let inputRows = 6
  /// Rows that a long notice may take.
  static let statusRows = 3

  /// What there is to show.
  struct Wishes: Equatable {
    /// Rows that the input line and the status line would like to have.
    var inputRows = 1
    var statusRows = 1
    /// The side pane to show where there is room for one.
    var side = PaneID.layers
    var focus = PaneID.input
    var layers = 0
    /// Whether there are two answers to show.
    var isComparing = false
    /// A pane that takes all the room.
    var zoomed: PaneID?
  }

  init(size: Size, _ wishes: Wishes) {
    let focus = wishes.focus
    let (width, height) = (size.width, size.height)
    guard width >= Self.minimum.width, height >= Self.minimum.height else {
      form = .tooSmall
      header = Rect(x: 0, y: 0, width: 0, height: 0)
      input = header
      return
    }
    let inputHeight = max(1, min(wishes.inputRows, Self.inputRows, height / 3))
    let statusHeight = height >= 8 ? max(1, min(wishes.statusRows, Self.statusRows)) : 0
    header = Rect(x: 0, y: 0, width: width, height: 1)
    input = Rect(x: 0, y: height - inputHeight - statusHeight, width: width, height: inputHeight)
    if statusHeight > 0 {
      status = Rect(x: 0, y: height - statusHeight, width: width, height: statusHeight)
    }
    let body = Rect(x: 0, y: 1, width: width, height: height - 1 - inputHeight - statusHeight)

    if width < 60 || height < 12 {
      form = .single
      let shown = wishes.zoomed ?? (focus == .input ? .chat : focus)
      panes[shown == .compare && !wishes.isComparing ? .chat : shown] = body
    } else if let zoomed = wishes.zoomed {
      form = .single
      panes[zoomed] = body
    } else if width < 100 || height < 28 {
      form = .split
      var upper = body
      if wishes.isComparing { (upper, panes[.compare]) = body.split(below: (body.height + 1) / 2) }
      (panes[.chat], panes[wishes.side]) = upper.split(right: max(34, width * 2 / 5))
    } else {
      form = .wide
      let sideWidth = min(62, max(46, width * 51 / 120))
      let left = Rect(x: 0, y: body.minY, width: width - sideWidth, height: body.height)
      let right = Rect(x: width - sideWidth, y: body.minY, width: sideWidth, height: body.height)
      if wishes.isComparing {
        (panes[.chat], panes[.compare]) = left.split(below: left.height * 11 / 20)
      } else {
        panes[.chat] = left
      }
      // Speed has a fixed size; the layers and the heatmap share the rest, each with no more than it needs.
      let speedHeight = 6
      let rest = right.height - speedHeight + 1
      let wanted = wishes.layers + 3
      let heatmapHeight = max(8, min((wishes.layers + 1) / 2 + 4, rest - min(wanted, rest / 2) + 1))
      let (upper, speed) = right.split(below: rest)
      (panes[.layers], panes[.heatmap]) = upper.split(below: rest - heatmapHeight + 1)
      panes[.speed] = speed
    }
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
