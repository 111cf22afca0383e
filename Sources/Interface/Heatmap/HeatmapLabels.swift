import Inference
import Terminal

/// Draws what stands around the cells of a map: the names of rows and columns, the read-out, the legend.
struct HeatmapLabels {
  let geometry: HeatmapGeometry
  let cells: HeatmapCells

  private var map: Heatmap { geometry.map }

  // MARK: Axes

  func drawRow(line: Int, on canvas: inout Canvas) {
    let slots = geometry.rowSlots(line: line)
    let current = slots.contains(geometry.rows.slot(of: geometry.cursorRow))
    let index = current ? geometry.cursorRow : geometry.rows.indices(slots.lowerBound).first!
    let label = map.rows.label(index).truncated(width: geometry.labelWidth - 1)
    canvas.write(
      [Span(label, current ? .strong : .faint)], endingAt: geometry.labelWidth - 1, y: line)
    let off = slots.map { map.isOff(geometry.rows.indices($0).first!) }
    // Half a block says which of the two rows is off.
    let sign = !off.contains(true) ? " " : !off.contains(false) ? "╳" : off[0] ? "▀" : "▄"
    canvas.write(sign, .dropped, x: geometry.labelWidth - 1, y: line)
  }

  func drawColumns(y: Int, on canvas: inout Canvas) {
    let shown = geometry.firstColumn..<geometry.firstColumn + geometry.shownColumns
    let firsts = shown.map { geometry.columns.indices($0).first! }
    let width = geometry.zoom.width
    let areAllNamed =
      width >= HeatmapGeometry.spelledWidth || firsts.allSatisfy { map.columns.label($0).cellWidth < width }
    if areAllNamed {
      for (slot, index) in zip(shown, firsts) {
        let isCurrent = geometry.columns.indices(slot).contains(geometry.cursorColumn)
        canvas.write(
          map.columns.label(index).truncated(width: width - 1), isCurrent ? .strong : .faint,
          x: geometry.x(of: slot), y: y, width: width)
      }
      return
    }
    let step = width == 1 ? 10 : 5
    for (slot, index) in zip(shown, firsts) where isTick(slot, index, step) {
      let text = "╵" + (map.columns.kind.isText ? "\(index)" : map.columns.label(index))
      let x = geometry.x(of: slot)
      let isCovered = (x..<x + text.cellWidth).contains(geometry.cursorX)
      if x + text.cellWidth <= canvas.size.width, !isCovered { canvas.write(text, .faint, x: x, y: y) }
    }
    canvas.write("▲", cells.hasFocus ? .key : .faint, x: geometry.cursorX, y: y)
  }

  /// Layers are marked by their numbers, whatever is filtered out; tokens by their places.
  private func isTick(_ slot: Int, _ index: Int, _ step: Int) -> Bool {
    map.columns.layer(index).map { $0 % step == 0 } ?? (slot % step == 0)
  }

  /// The text around the cursor, its own token marked.
  func drawText(y: Int, on canvas: inout Canvas) {
    let width = canvas.size.width - 2, cursor = geometry.cursorColumn
    let own = map.columns.label(cursor).truncated(width: width)
    var before = "", after = ""
    var index = cursor - 1
    while index >= 0, before.cellWidth < width / 2 {
      before = map.columns.label(index) + before
      index -= 1
    }
    index = cursor + 1
    while index < map.columns.count, after.cellWidth < width {
      after += map.columns.label(index)
      index += 1
    }
    let room = max(0, min(width / 2, width - own.cellWidth))
    while before.cellWidth > room { before.removeFirst() }
    let line = [Span(before, .faint), Span(own, .cursor), Span(after, .faint)]
    canvas.write(line, x: 1, y: y, width: width)
  }

  // MARK: Read-out and legend

  /// Cells of the legend that show the ramp.
  private static let swatch = 4

  func drawReadOut(y: Int, on canvas: inout Canvas) {
    let width = canvas.size.width - 2
    // The legend stands beside the read-out, or above it where there is an empty line.
    let scale = cells.scale
    let legend = scale.low.cellWidth + scale.high.cellWidth + Self.swatch + 2
    let isBeside = width - legend >= 34
    canvas.write(
      readOut(width: isBeside ? width - legend - 1 : width), x: 1, y: y, width: width)
    if isBeside {
      drawLegend(x: width + 1 - legend, y: y, on: &canvas)
    } else if y - 1 > geometry.lines + (geometry.hasText ? 1 : 0) {
      drawLegend(x: geometry.labelWidth, y: y - 1, on: &canvas)
    }
  }

  /// The lines below the read-out.
  func drawDetails(y: Int, on canvas: inout Canvas) {
    guard geometry.detailLines > 0 else { return }
    let details = map.details(geometry.cursorRow, geometry.cursorColumn).prefix(geometry.detailLines)
    for (index, line) in details.enumerated() {
      canvas.write(line, x: 1, y: y + index, width: canvas.size.width - 2)
    }
  }

  /// `0 ▒▒▓█ 1`.
  private func drawLegend(x: Int, y: Int, on canvas: inout Canvas) {
    let start = canvas.write(cells.scale.low + " ", .faint, x: x, y: y)
    cells.drawSwatch(x: start, y: y, width: Self.swatch, on: &canvas)
    canvas.write(" " + cells.scale.high, .faint, x: start + Self.swatch, y: y)
  }

  /// `L05 “ sky” 0.993 · rank 3/30 · ON`, or `L05 “ sky” 0.993 rank 3 ON` where there is less room; then the
  /// column gives way.
  private func readOut(width: Int) -> Line {
    let row = Span(map.rows.fullLabel(geometry.cursorRow), .strong)
    let column = map.joint + map.columns.fullLabel(geometry.cursorColumn)
    let full = [row, Span(column)] + figures(isShort: false)
    guard full.width > width else { return full }
    let figures = figures(isShort: true)
    return [row, Span(column.truncated(width: max(0, width - figures.width - row.text.cellWidth)))] + figures
  }

  private func figures(isShort: Bool) -> Line {
    let (row, column) = (geometry.cursorRow, geometry.cursorColumn)
    if map.isMasked(row, column) { return [Span(" not seen", .faint)] }
    var line: Line = []
    if let word = map.word?(row, column) { line.append(Span(" ▸ " + HeatmapAxis.quoted(word))) }
    let value = map.value(row, column)
    line.append(Span(" " + (value.isAbsent ? "–" : map.quantity.text(value)), .strong))
    if let unit = map.quantity.unit { line.append(Span(" " + unit, .faint)) }
    let remarks = map.remarks(row, column).map { isShort ? $0.short : $0.text }
    for remark in remarks where !remark.text.isEmpty {
      line += [Span(isShort ? " " : " · ", .faint), remark]
    }
    return line
  }
}
