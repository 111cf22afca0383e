import Inference
import Terminal

/// A heatmap of the current view, with axes, a legend and a read-out of the cell under the cursor.
struct HeatmapPane: Pane {
  let id = PaneID.heatmap
  let heading = "Heatmap"

  let keys: [KeyBinding] = [
    .move("move-up", [.up, "k"], "previous row", rows: -1),
    .move("move-down", [.down, "j"], "next row", rows: 1),
    .move("move-page-up", [.pageUp], "ten rows back", rows: -10),
    .move("move-page-down", [.pageDown], "ten rows on", rows: 10),
    .move("move-first", [.home, "g"], "first row", rows: -.max / 2),
    .move("move-last", [.end, "G"], "last row", rows: .max / 2),
    .move("left", [.left], "previous column", hint: "move", columns: -1),
    .move("right", [.right], "next column", columns: 1),
    .move("start", ["0"], "first column", columns: -.max / 2),
    .move("end", ["$"], "newest token, and follow it", columns: .max / 2),
    .changing("next-view", .keys("h"), "next kind of view", hint: "view") { state in
      state.heatmap.nextFamily()
      state.heatmap.zoom = nil
    },
    .changing("next-variant", .keys("v"), "the same of something else, such as the MLP", hint: "variant") {
      $0.heatmap.nextMember()
    },
    .changing("open", .keys(.enter), "open the head, or mark the token's row and column", hint: "open") {
      $0.openInHeatmap()
    },
    .changing("previous-head", .keys("["), "previous head, of the layer before after the first") {
      $0.moveHead(by: -1)
    },
    .changing("next-head", .keys("]"), "next head", hint: "head") {
      $0.moveHead(by: 1)
    },
    .changing("zoom-out", .keys("-"), "smaller cells, then several tokens in each", hint: "+ zoom") {
      zoom(&$0, in: false)
    },
    .changing("zoom-in", .keys("+", "="), "larger cells") {
      zoom(&$0, in: true)
    },
    .changing(
      "scale", .keys("s"), "scale as suits, in proportion, or stretched over the values", hint: "scale"
    ) {
      $0.heatmap.scale = $0.heatmap.scale.next
    },
    .changing("filter", .keys("f"), "all layers, or those that run") {
      $0.heatmap.filter = $0.heatmap.filter == .all ? .running : .all
    },
    KeyBinding("toggle-attention", .keys(" "), "drop or restore the layer's attention", hint: "attention") {
      $0.dropOrRestore(.attention, layer: $0.layer)
    },
    KeyBinding("toggle-head", .keys("x"), "drop or restore the head") {
      $0.dropOrRestoreHead()
    },
    KeyBinding("measure-heads", .keys("d"), "measure what dropping each head alone does") {
      $0.measureDamage(of: .heads)
    },
    .zoom,
  ]

  func place(_ state: AppState) -> PanePlace? { .side(least: 8, wanted: (state.layerCount + 1) / 2 + 4) }

  func title(_ state: AppState) -> String {
    guard let map = state.heatmap.view.map(state.findings) else {
      return "Heatmap · " + state.heatmap.view.title
    }
    return "Heatmap · " + map.title
      + (map.fraction < 1 ? " · \(Int(nearest: (map.fraction * 100).rounded(.down))) %" : "")
  }

  /// In narrow panes the map's name alone.
  func titles(_ state: AppState, width: Int, _ element: Element) -> [PaneTitle] {
    let title = title(state), prefix = "Heatmap · "
    let short = title.hasPrefix(prefix) ? String(title.dropFirst(prefix.count)) : title
    let fitting = [title, short, state.heatmap.view.title].first { $0.cellWidth <= width - 4 }
    return [PaneTitle(fitting ?? state.heatmap.view.name, element, x: 1, width: width - 2)]
  }

  func tab(_ state: AppState) -> String { "\(name) \(state.heatmap.view.name)" }

  struct Content: Equatable {
    var findings: Findings
    var heatmap: HeatmapState
    /// The layer under the cursor.
    var layer: Int
    var hasFocus: Bool
    var hasPixels: Bool
  }

  func content(_ state: AppState, size: Size) -> Content {
    Content(
      findings: state.findings, heatmap: state.heatmap, layer: state.layer,
      hasFocus: state.focus == .heatmap, hasPixels: state.hasPixels)
  }

  func draw(_ content: Content, on canvas: inout Canvas) {
    let view = content.heatmap.view
    guard let map = view.map(content.findings), !map.isEmpty else {
      canvas.write(view.absence(content.findings), .faint, x: 1, y: 0)
      return
    }
    guard let geometry = HeatmapGeometry(map, content, size: canvas.size) else { return }
    let cells = HeatmapCells(
      geometry: geometry, scale: content.heatmap.scale.scale(for: map.quantity, map.sample),
      hasFocus: content.hasFocus, selected: map.rows.kind == .query ? content.heatmap.selected : nil)
    let labels = HeatmapLabels(geometry: geometry, cells: cells)
    for line in 0..<geometry.lines {
      labels.drawRow(line: line, on: &canvas)
      cells.draw(line: line, on: &canvas)
    }
    labels.drawColumns(y: geometry.lines, on: &canvas)
    if geometry.hasText { labels.drawText(y: geometry.lines + 1, on: &canvas) }
    let last = canvas.size.height - 1
    labels.drawReadOut(y: last - geometry.detailLines, on: &canvas)
    labels.drawDetails(y: last - geometry.detailLines + 1, on: &canvas)
  }

  func scroll(_ state: inout AppState, by steps: Int) { state.moveInHeatmap(rows: steps) }

  /// Puts the cursor on the cell.
  func click(_ state: inout AppState, at place: Point, size: Size) {
    let content = content(state, size: size)
    guard let map = content.heatmap.view.map(content.findings),
      let geometry = HeatmapGeometry(map, content, size: size)
    else { return }
    let row = geometry.rowSlots(line: max(0, place.y)).first
    let column = geometry.firstColumn + (place.x - geometry.labelWidth) / geometry.zoom.width
    guard let row, place.y < geometry.lines, place.x >= geometry.labelWidth, column < geometry.columns.count
    else { return }
    state.setCursor(on: map.rows, to: geometry.rows.indices(row).first!, isLast: false)
    state.setCursor(on: map.columns, to: geometry.columns.indices(column).first!, isLast: false)
  }

  private static func zoom(_ state: inout AppState, in isIn: Bool) {
    guard let rect = state.layout.panes[.heatmap], let map = state.heatmap.view.map(state.findings),
      case let size = rect.inset().size,
      let now = HeatmapGeometry(map, HeatmapPane().content(state, size: size), size: size)
    else { return }
    let isAllThere = now.shownColumns == now.columns.count && now.lines * 2 >= now.rows.count
    if !isIn, isAllThere, now.zoom.width == 1 { return }
    let next = now.zoom.stepped(in: isIn)
    if next.width <= rect.width / 2 { state.heatmap.zoom = next }
  }
}

extension HeatmapGeometry {
  fileprivate init?(_ map: Heatmap, _ content: HeatmapPane.Content, size: Size) {
    self.init(
      map, content.heatmap, layer: content.layer, plan: content.findings.plan, size: size,
      hasPixels: content.hasPixels)
  }
}

extension KeyBinding {
  fileprivate static func move(
    _ action: String, _ keys: [Terminal.Key], _ summary: String, hint: String? = nil, rows: Int = 0,
    columns: Int = 0
  ) -> KeyBinding {
    .changing(action, keys.map { KeyChord($0) }, summary, hint: hint) {
      $0.moveInHeatmap(rows: rows, columns: columns)
    }
  }
}
