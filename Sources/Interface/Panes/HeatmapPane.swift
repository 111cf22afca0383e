import Terminal

/// A heatmap of the current view, with axes, a legend and a read-out of the cell under the cursor.
struct HeatmapPane: Pane {
  func title(_ state: AppState) -> String { "Heatmap · " + state.heatmap.view.title }

  let keys: [KeyBinding] =
    LayerKeys.move + [
      KeyBinding("left", .keys(.left), "previous token", hint: "token") { state in
        state.moveColumn(by: -1)
        return []
      },
      KeyBinding("right", .keys(.right), "next token") { state in
        state.moveColumn(by: 1)
        return []
      },
      KeyBinding("start", .keys("0"), "first token") { state in
        state.moveColumn(by: -.max / 2)
        return []
      },
      KeyBinding("end", .keys("$"), "newest token, and follow it") { state in
        state.heatmap.column = nil
        return []
      },
      KeyBinding("next-view", .keys("h"), "next view", hint: "view") { state in
        state.heatmap.index = (state.heatmap.index + 1) % HeatmapViews.all.count
        return []
      },
      KeyBinding(
        "scale", .keys("s"), "scale by decades, from 0 to 1, or stretched over the values", hint: "scale"
      ) { state in
        state.heatmap.scale = state.heatmap.scale.next
        return []
      },
      KeyBinding("toggle-attention", .keys(" "), "drop or restore the layer's attention", hint: "attention") {
        $0.toggle([.attention], layer: $0.layer)
      },
      .zoom,
    ]

  func draw(_ state: AppState, on canvas: inout Canvas) {
    let view = state.heatmap.view
    guard let values = view.values(in: state), let columns = values.map(\.count).min(), columns > 0 else {
      canvas.write("measured as the model answers", .faint, x: 1, y: 0)
      return
    }
    guard let geometry = Geometry(state: state, values: values, columns: columns, canvas: canvas) else {
      return
    }
    let scale = state.heatmap.scale.scale(for: values)
    for line in 0..<geometry.lines { drawLine(line, geometry, scale, state, on: &canvas) }
    drawAxis(geometry, y: geometry.lines, state, on: &canvas)
    drawReadOut(geometry, scale, state, y: canvas.size.height - 1, on: &canvas)
  }

  /// Which part of the map is on the screen, and how.
  struct Geometry {
    let values: [[Float]]
    let columns: Int
    /// Rows of the map in one line of the screen: two where half blocks can show them.
    let rowsPerLine: Int
    let lines: Int
    let firstRow: Int
    let firstColumn: Int
    let shownColumns: Int
    let cellWidth: Int
    let cursorRow: Int
    let cursorColumn: Int
    static let labelWidth = 4

    init?(state: AppState, values: [[Float]], columns: Int, canvas: Canvas) {
      let room = canvas.size.width - Self.labelWidth - 1
      let height = canvas.size.height - 2
      guard room > 0, height > 0 else { return nil }
      self.values = values
      self.columns = columns
      let hasPixels = canvas.colors == .palette256 && canvas.theme.ramp != nil
      rowsPerLine = hasPixels && values.count > height ? 2 : 1
      lines = min(height, (values.count + rowsPerLine - 1) / rowsPerLine)
      cellWidth = max(1, min(3, room / columns))
      shownColumns = min(columns, room / cellWidth)
      cursorRow = min(state.layer, values.count - 1)
      cursorColumn = min(state.heatmap.column ?? .max, columns - 1)
      let row = max(0, min(cursorRow - lines * rowsPerLine / 2, values.count - lines * rowsPerLine))
      firstRow = row - row % rowsPerLine
      firstColumn = max(0, min(cursorColumn - shownColumns / 2, columns - shownColumns))
    }
  }

  private func drawLine(
    _ line: Int, _ geometry: Geometry, _ scale: Scale, _ state: AppState, on canvas: inout Canvas
  ) {
    let row = geometry.firstRow + line * geometry.rowsPerLine
    drawLabel(row, y: line, geometry, state, on: &canvas)
    for place in 0..<geometry.shownColumns {
      let column = geometry.firstColumn + place
      let x = Geometry.labelWidth + place * geometry.cellWidth
      let pixels = (0..<2).map { half in
        pixel(row: row + half * (geometry.rowsPerLine - 1), column: column, geometry, scale)
      }
      for offset in 0..<geometry.cellWidth {
        draw(pixels, x: x + offset, y: line, state.focus == .heatmap, on: &canvas)
      }
    }
  }

  /// A cell of the map: how far up the scale it is, and whether the cursor is on it.
  private struct Pixel {
    var fraction: Double?
    var isCursor: Bool
  }

  private func pixel(row: Int, column: Int, _ geometry: Geometry, _ scale: Scale) -> Pixel {
    let isCursor = row == geometry.cursorRow && column == geometry.cursorColumn
    guard row < geometry.values.count else { return Pixel(fraction: nil, isCursor: false) }
    return Pixel(fraction: scale.fraction(geometry.values[row][column]), isCursor: isCursor)
  }

  private func draw(_ pixels: [Pixel], x: Int, y: Int, _ hasFocus: Bool, on canvas: inout Canvas) {
    let ground = canvas.theme[.text]
    guard canvas.colors == .palette256, let ramp = canvas.theme.ramp else {
      let text = pixels[0].fraction.map { Ramp.viridis.cell(at: $0, depth: .mono).text } ?? "─"
      var style = pixels[0].fraction == nil ? canvas.theme[.faint] : ground
      if pixels[0].isCursor, hasFocus { style.attributes.insert(.reverse) }
      canvas.grid.write(text, x: x, y: y, style: style)
      return
    }
    let colors = pixels.map { pixel in
      pixel.isCursor && hasFocus
        ? canvas.theme[.strong].foreground
        : pixel.fraction.flatMap { ramp.color(at: $0) } ?? ground.background
    }
    canvas.grid.setPixels(x: x, y: y, upper: colors[0], lower: colors[1])
  }

  private func drawLabel(
    _ row: Int, y: Int, _ geometry: Geometry, _ state: AppState, on canvas: inout Canvas
  ) {
    let rows = row..<min(row + geometry.rowsPerLine, geometry.values.count)
    let isCurrent = rows.contains(geometry.cursorRow)
    let shown = isCurrent ? geometry.cursorRow : row
    canvas.write([Span("\(shown)", isCurrent ? .strong : .faint)], endingAt: 3, y: y)
    let off = rows.map { state.heatmap.view.isOff(row: $0, in: state) }
    // Half a block says which of the two rows is off.
    let sign = !off.contains(true) ? " " : !off.contains(false) ? "╳" : off[0] ? "▀" : "▄"
    canvas.write(sign, .dropped, x: 3, y: y)
  }

  private func drawAxis(_ geometry: Geometry, y: Int, _ state: AppState, on canvas: inout Canvas) {
    let step = geometry.cellWidth == 1 ? 10 : 5
    let cursor = Geometry.labelWidth + (geometry.cursorColumn - geometry.firstColumn) * geometry.cellWidth
    for place in 0..<geometry.shownColumns where (geometry.firstColumn + place) % step == 0 {
      let text = "╵\(geometry.firstColumn + place)"
      let x = Geometry.labelWidth + place * geometry.cellWidth
      let isCovered = (x..<x + text.count).contains(cursor)
      if x + text.count <= canvas.size.width, !isCovered { canvas.write(text, .faint, x: x, y: y) }
    }
    canvas.write("▲", state.focus == .heatmap ? .key : .faint, x: cursor, y: y)
  }

  private func drawReadOut(
    _ geometry: Geometry, _ scale: Scale, _ state: AppState, y: Int, on canvas: inout Canvas
  ) {
    let width = canvas.size.width - 2
    let value = geometry.values[geometry.cursorRow][geometry.cursorColumn]
    // The legend stands beside the read-out, or above it where there is an empty line.
    let legend = scale.low.cellWidth + scale.high.cellWidth + Self.swatch + 2
    let isBeside = width - legend >= 34
    let text = state.heatmap.view.readOut(
      row: geometry.cursorRow, column: geometry.cursorColumn, value: value,
      width: isBeside ? width - legend - 1 : width, in: state)
    canvas.write(text, x: 1, y: y, width: width)
    if isBeside {
      drawLegend(scale, x: width + 1 - legend, y: y, on: &canvas)
    } else if y - 1 > geometry.lines {
      drawLegend(scale, x: Geometry.labelWidth, y: y - 1, on: &canvas)
    }
  }

  /// Cells of the legend that show the ramp.
  private static let swatch = 4

  /// `0 ▒▒▓█ 1`.
  private func drawLegend(_ scale: Scale, x: Int, y: Int, on canvas: inout Canvas) {
    let start = canvas.write(scale.low + " ", .faint, x: x, y: y)
    for place in 0..<Self.swatch {
      let pixel = Pixel(fraction: Double(place) / Double(Self.swatch - 1), isCursor: false)
      draw([pixel, pixel], x: start + place, y: y, false, on: &canvas)
    }
    canvas.write(" " + scale.high, .faint, x: start + Self.swatch, y: y)
  }
}
