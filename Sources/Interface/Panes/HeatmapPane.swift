import Terminal

/// A heatmap of the current view, with axes, a legend and a read-out of the cell under the cursor.
struct HeatmapPane: Pane {
  func title(_ state: AppState) -> String {
    guard let map = state.heatmap.view.map(state.findings) else {
      return "Heatmap · " + state.heatmap.view.title
    }
    return "Heatmap · " + map.title + (map.fraction < 1 ? " · \(Int(map.fraction * 100)) %" : "")
  }

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
    KeyBinding("next-view", .keys("h"), "next kind of view", hint: "view") { state in
      state.heatmap.nextFamily()
      state.heatmap.zoom = nil
      return []
    },
    KeyBinding("next-variant", .keys("v"), "the same of something else, such as the MLP", hint: "variant") {
      $0.heatmap.nextMember()
      return []
    },
    KeyBinding("open", .keys(.enter), "open the head, or mark the token's row and column", hint: "open") {
      $0.openInHeatmap()
      return []
    },
    KeyBinding("previous-head", .keys("["), "previous head, of the layer before after the first") {
      $0.moveHead(by: -1)
      return []
    },
    KeyBinding("next-head", .keys("]"), "next head", hint: "head") {
      $0.moveHead(by: 1)
      return []
    },
    KeyBinding("zoom-out", .keys("-"), "smaller cells, then several tokens in each", hint: "+ zoom") {
      $0.zoomHeatmap(in: false)
      return []
    },
    KeyBinding("zoom-in", .keys("+", "="), "larger cells") {
      $0.zoomHeatmap(in: true)
      return []
    },
    KeyBinding(
      "scale", .keys("s"), "scale as suits, in proportion, or stretched over the values", hint: "scale"
    ) {
      $0.heatmap.scale = $0.heatmap.scale.next
      return []
    },
    KeyBinding("filter", .keys("f"), "all layers, or those that run") {
      $0.heatmap.filter = $0.heatmap.filter == .all ? .running : .all
      return []
    },
    KeyBinding("toggle-attention", .keys(" "), "drop or restore the layer's attention", hint: "attention") {
      $0.toggle([.attention], layer: $0.layer)
    },
    .zoom,
  ]

  func draw(_ state: AppState, on canvas: inout Canvas) {
    let view = state.heatmap.view, findings = state.findings
    guard let map = view.map(findings), !map.isEmpty else {
      canvas.write(view.absence(findings), .faint, x: 1, y: 0)
      return
    }
    guard let geometry = HeatmapGeometry(map, state, size: canvas.size, hasPixels: state.hasPixels)
    else { return }
    let cells = HeatmapCells(
      geometry: geometry, scale: state.heatmap.scale.scale(for: map.quantity, map.sample),
      hasFocus: state.focus == .heatmap, selected: map.rows.kind == .query ? state.heatmap.selected : nil)
    let labels = HeatmapLabels(geometry: geometry, cells: cells, state: state)
    for line in 0..<geometry.lines {
      labels.drawRow(line: line, on: &canvas)
      cells.draw(line: line, on: &canvas)
    }
    labels.drawColumns(y: geometry.lines, on: &canvas)
    if geometry.hasText { labels.drawText(y: geometry.lines + 1, on: &canvas) }
    labels.drawReadOut(y: canvas.size.height - 1, on: &canvas)
  }
}

extension KeyBinding {
  fileprivate static func move(
    _ action: String, _ keys: [Terminal.Key], _ summary: String, hint: String? = nil, rows: Int = 0,
    columns: Int = 0
  ) -> KeyBinding {
    KeyBinding(action, keys.map { KeyChord($0) }, summary, hint: hint) { state in
      state.moveInHeatmap(rows: rows, columns: columns)
      return []
    }
  }
}
