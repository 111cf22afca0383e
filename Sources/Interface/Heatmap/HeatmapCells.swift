import Inference
import Terminal

/// Draws the cells of a map: colours where there are 256, else characters.
struct HeatmapCells {
  let geometry: HeatmapGeometry
  let scale: Scale
  /// Whether the cursor is to be seen.
  let hasFocus: Bool
  /// The token whose row and column stand out.
  let selected: Int?

  /// A cell before it has a colour.
  private struct Look {
    enum Ground { case value(Double), masked, off, unknown, notFinite }
    var ground: Ground
    var isCursor: Bool
    /// Whether it steps back behind the row and column of the token that is selected.
    var isPale: Bool
  }

  func draw(line: Int, on canvas: inout Canvas) {
    let rows = geometry.rowSlots(line: line)
    for column in geometry.firstColumn..<geometry.firstColumn + geometry.shownColumns {
      let looks = rows.map { look(row: $0, column: column) }
      let x = geometry.x(of: column)
      if geometry.isSpelled {
        draw(word(row: rows.lowerBound, column: column), looks[0], x: x, y: line, on: &canvas)
      } else {
        for offset in 0..<geometry.zoom.width { draw(looks, x: x + offset, y: line, on: &canvas) }
      }
    }
  }

  private func look(row: Int, column: Int) -> Look {
    let rows = geometry.rows.indices(row), columns = geometry.columns.indices(column)
    let map = geometry.map
    let isPale = selected.map { !rows.contains($0) && !columns.contains($0) } ?? false
    let isCursor = rows.contains(geometry.cursorRow) && columns.contains(geometry.cursorColumn)
    let (top, bottom, left, right) = (rows.first!, rows.last!, columns.first!, columns.last!)
    let isMasked =
      map.isMasked(top, left) && map.isMasked(top, right) && map.isMasked(bottom, left)
      && map.isMasked(bottom, right)
    let value = map.value(rows: rows, columns: columns)
    let ground: Look.Ground =
      isMasked
      ? .masked
      : map.isCellOff(top, left)
        ? .off : scale.fraction(value).map { .value($0) } ?? (value.isAbsent ? .unknown : .notFinite)
    return Look(ground: ground, isCursor: isCursor, isPale: isPale)
  }

  /// The text in a cell: its word, or its value.
  private func word(row: Int, column: Int) -> String {
    let map = geometry.map, (row, column) = (geometry.rows.order[row], geometry.columns.order[column])
    guard let word = map.word else {
      let value = map.value(row, column)
      return value.isAbsent ? "" : map.quantity.text(value)
    }
    let visible = HeatmapAxis.visible(word(row, column) ?? "")
    return visible.first == " " && visible.count > 1 ? String(visible.dropFirst()) : visible
  }

  // MARK: Colours

  private func ramp(_ canvas: Canvas) -> Ramp? { canvas.colors >= .palette256 ? canvas.theme.ramp : nil }

  private func color(_ look: Look, _ ramp: Ramp, _ canvas: Canvas) -> Color? {
    let theme = canvas.theme
    if look.isCursor, hasFocus { return theme[.strong].foreground }
    switch look.ground {
    case .value(let fraction): return (look.isPale ? .grey : ramp).color(at: fraction, depth: canvas.colors)
    case .masked: return theme[.masked].foreground
    case .off: return theme[.dropped].foreground
    case .unknown: return theme[.text].background
    case .notFinite: return theme[.error].foreground
    }
  }

  /// One place of the screen: one cell, or two above each other.
  private func draw(_ looks: [Look], x: Int, y: Int, on canvas: inout Canvas) {
    guard let ramp = ramp(canvas) else { return drawCharacter(looks[0], x: x, y: y, on: &canvas) }
    let ground = canvas.theme[.text].background
    let colors = looks.map { color($0, ramp, canvas) }
    let lower = geometry.rowsPerLine == 1 ? colors[0] : colors.count > 1 ? colors[1] : ground
    canvas.grid.setPixels(x: x, y: y, upper: colors[0], lower: lower)
  }

  private func drawCharacter(_ look: Look, x: Int, y: Int, on canvas: inout Canvas) {
    var style = canvas.theme[look.isPale ? .faint : .text]
    let text: String
    switch look.ground {
    case .value(let fraction): text = Ramp.viridis.cell(at: fraction, depth: .mono).text
    case .notFinite:
      style = canvas.theme[.error]
      text = "!"
    case .off:
      style = canvas.theme[.dropped]
      text = "╳"
    case .masked, .unknown:
      style = canvas.theme[.faint]
      if case .masked = look.ground { text = "░" } else { text = "─" }
    }
    if look.isCursor, hasFocus { style.attributes.insert(.reverse) }
    canvas.grid.write(text, x: x, y: y, style: style)
  }

  // MARK: Words

  private func draw(_ word: String, _ look: Look, x: Int, y: Int, on canvas: inout Canvas) {
    let width = geometry.zoom.width
    var style = canvas.theme[.text], word = word
    switch look.ground {
    case .value(let fraction):
      if let color = ramp(canvas).flatMap({
        (look.isPale ? .grey : $0).color(at: fraction, depth: canvas.colors)
      }) {
        style.background = color
        style.foreground = color.rgb.lightness > 50 ? Color(16) : Color(231)
      } else if fraction < 0.1 {
        style = canvas.theme[.faint]
      } else if fraction >= 0.5 {
        style = canvas.theme[.strong]
      }
    case .masked:
      // Also without colours it must not look like a value.
      canvas.grid.fill(Rect(x: x, y: y, width: width, height: 1), "░", style: canvas.theme[.faint])
      return
    case .off:
      style = canvas.theme[.dropped]
      word = "╳"
    case .notFinite: style = canvas.theme[.error]
    case .unknown: break
    }
    if look.isCursor, hasFocus { style.attributes.insert(.reverse) }
    canvas.grid.fill(Rect(x: x, y: y, width: width, height: 1), style: style)
    canvas.grid.write(word.truncated(width: width - 1), x: x, y: y, style: style, maxWidth: width - 1)
  }

  /// Draws the scale's shades in `width` cells.
  func drawSwatch(x: Int, y: Int, width: Int, on canvas: inout Canvas) {
    for place in 0..<width {
      let fraction = Double(place) / Double(width - 1)
      if let color = ramp(canvas)?.color(at: fraction, depth: canvas.colors) {
        canvas.grid.setPixels(x: x + place, y: y, upper: color, lower: color)
      } else {
        let look = Look(ground: .value(fraction), isCursor: false, isPale: false)
        drawCharacter(look, x: x + place, y: y, on: &canvas)
      }
    }
  }
}
