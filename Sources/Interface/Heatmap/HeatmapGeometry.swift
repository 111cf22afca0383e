import Inference
import Terminal

/// Which part of a map is on the screen, and how large.
struct HeatmapGeometry {
  let map: Heatmap
  let rows, columns: HeatmapSlots
  let zoom: HeatmapZoom
  /// Rows of the map in one line of the screen: two where half blocks can show them.
  let rowsPerLine: Int
  let lines: Int
  let firstRow, firstColumn, shownColumns: Int
  /// Indices of the map.
  let cursorRow, cursorColumn: Int
  /// Cells before the first column.
  let labelWidth: Int
  /// Lines below the read-out.
  let detailLines: Int
  /// Whether there is a line that spells out the text around the cursor.
  let hasText: Bool

  /// nil if there is no room, or nothing to show.
  ///
  /// - Parameters:
  ///   - layer: The layer under the cursor.
  ///   - hasPixels: Whether a cell of the screen can show two colours.
  init?(_ map: Heatmap, _ heatmap: HeatmapState, layer: Int, plan: Plan, size: Size, hasPixels: Bool) {
    labelWidth = Self.labelWidth(map.rows, width: size.width)
    let room = size.width - labelWidth - 1
    zoom = heatmap.zoom ?? .automatic(map, room: room)
    rows = HeatmapSlots(map.rows, filter: heatmap.filter, plan: plan, pooled: zoom.pooled)
    columns = HeatmapSlots(map.columns, filter: heatmap.filter, plan: plan, pooled: zoom.pooled)
    hasText = map.columns.kind.isText && zoom.width < Self.spelledWidth && size.height >= 9
    detailLines = size.height >= Self.leastHeightForDetails ? map.detailCount : 0
    let height = size.height - (hasText ? 3 : 2) - detailLines
    guard room >= zoom.width, height > 0, rows.count > 0, columns.count > 0 else { return nil }
    self.map = map
    rowsPerLine = hasPixels && zoom.width < Self.spelledWidth && rows.count > height ? 2 : 1
    lines = min(height, (rows.count + rowsPerLine - 1) / rowsPerLine)
    shownColumns = min(columns.count, room / zoom.width)
    cursorRow = heatmap.cursor(on: map.rows, layer: layer)
    cursorColumn = heatmap.cursor(on: map.columns, layer: layer)
    let shownRows = lines * rowsPerLine
    let row = max(0, min(rows.slot(of: cursorRow) - shownRows / 2, rows.count - shownRows))
    // A line begins with an even row, and the last row must be there.
    let isAtEnd = row + shownRows >= rows.count
    firstRow = row % rowsPerLine == 0 ? row : isAtEnd ? row + 1 : row - 1
    firstColumn = max(
      0, min(columns.slot(of: cursorColumn) - shownColumns / 2, columns.count - shownColumns))
  }

  /// From this height on there are lines below the read-out.
  private static let leastHeightForDetails = 14

  /// From this width on cells hold words, or figures.
  static let spelledWidth = 5

  var isSpelled: Bool { zoom.width >= Self.spelledWidth }
  /// The x of the column under the cursor.
  var cursorX: Int { x(of: columns.slot(of: cursorColumn)) }

  func x(of slot: Int) -> Int { labelWidth + (slot - firstColumn) * zoom.width }

  /// Slots of a line of the screen.
  func rowSlots(line: Int) -> Range<Int> {
    let first = firstRow + line * rowsPerLine
    return first..<min(first + rowsPerLine, rows.count)
  }

  private static func labelWidth(_ axis: HeatmapAxis, width: Int) -> Int {
    axis.kind.isText || axis.kind == .word ? max(4, min(13, width / 5)) : 4
  }
}

extension HeatmapZoom {
  /// Words where cells say some; else cells as large as fit, so that figures and labels have room.
  static func automatic(_ map: Heatmap, room: Int) -> HeatmapZoom {
    if map.word != nil { return HeatmapZoom(width: room >= 21 ? 7 : HeatmapGeometry.spelledWidth) }
    let isSmall = [.head, .matrix, .figure, .effect].contains(map.columns.kind)
    return HeatmapZoom(width: max(1, min(isSmall ? 6 : 3, room / max(1, map.columns.count))))
  }
}
