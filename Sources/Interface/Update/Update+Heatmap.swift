import Inference
import Terminal

extension AppState {
  // MARK: Cursors

  /// The index of the map that the cursor is on.
  func cursor(on axis: HeatmapAxis) -> Int {
    switch axis.kind {
    case .layer: max(0, min(layer, axis.count - 1))
    case .place: heatmap.isAtEmbedding && layer == 0 ? 0 : max(0, min(layer + 1, axis.count - 1))
    default: max(0, min(heatmap[cursor: axis.kind] ?? .max, axis.count - 1))
    }
  }

  /// Moves the heatmap's cursor, by what is one step on the screen.
  mutating func moveInHeatmap(rows: Int = 0, columns: Int = 0) {
    guard let map = heatmap.view.map(findings), !map.isEmpty else { return }
    if rows != 0 { move(on: map.rows, by: rows) }
    if columns != 0 { move(on: map.columns, by: columns) }
  }

  private mutating func move(on axis: HeatmapAxis, by step: Int) {
    let slots = HeatmapSlots(axis, filter: heatmap.filter, plan: plan, pooled: heatmap.zoom?.pooled ?? 1)
    guard slots.count > 0 else { return }
    let slot = max(0, min(slots.slot(of: cursor(on: axis)) + step, slots.count - 1))
    setCursor(on: axis, to: slots.indices(slot).first!, isLast: slot == slots.count - 1)
  }

  /// The last of the tokens is followed.
  private mutating func setCursor(on axis: HeatmapAxis, to index: Int, isLast: Bool) {
    switch axis.kind {
    case .layer: moveLayer(to: index)
    case .place:
      heatmap.isAtEmbedding = index == 0
      moveLayer(to: max(0, index - 1))
    default: heatmap[cursor: axis.kind] = isLast && axis.kind.isText ? nil : index
    }
  }

  /// Puts the cursor on the cell at a place of the screen.
  mutating func pointInHeatmap(at place: Point) {
    guard let rect = layout.panes[.heatmap]?.inset(), let map = heatmap.view.map(findings),
      let geometry = HeatmapGeometry(map, self, size: rect.size, hasPixels: hasPixels)
    else { return }
    let row = geometry.rowSlots(line: max(0, place.y - rect.minY)).first
    let column = geometry.firstColumn + (place.x - rect.minX - geometry.labelWidth) / geometry.zoom.width
    guard let row, place.y < rect.minY + geometry.lines, place.x >= rect.minX + geometry.labelWidth,
      column < geometry.columns.count
    else { return }
    setCursor(on: map.rows, to: geometry.rows.indices(row).first!, isLast: false)
    setCursor(on: map.columns, to: geometry.columns.indices(column).first!, isLast: false)
  }

  /// Whether the screen has two colours in a cell.
  var hasPixels: Bool { colors == .palette256 && theme.ramp != nil }

  // MARK: Views

  /// What Enter does.
  mutating func openInHeatmap() {
    guard let map = heatmap.view.map(findings), !map.isEmpty else { return }
    if let place = heatmap.view.opens.flatMap(HeatmapViews.place) {
      showHeatmap(place)
    } else if map.rows.kind == .query {
      let token = cursor(on: map.rows)
      heatmap.selected = heatmap.selected == token ? nil : token
    }
  }

  /// Goes through the heads of all layers.
  mutating func moveHead(by step: Int) {
    guard layerCount > 0 else { return }
    let heads = max(1, findings.heads(ofLayer: layer))
    let head = (heatmap[cursor: .head] ?? 0) + step
    if (0..<heads).contains(head) { return heatmap[cursor: .head] = head }
    let next = layer + step.signum()
    guard (0..<layerCount).contains(next) else { return }
    moveLayer(to: next)
    heatmap[cursor: .head] = step > 0 ? 0 : heads - 1
  }

  mutating func showHeatmap(_ place: HeatmapState.Place) {
    heatmap.place = place
    heatmap.zoom = nil
  }

  mutating func zoomHeatmap(in isIn: Bool) {
    guard let rect = layout.panes[.heatmap], let map = heatmap.view.map(findings),
      let now = HeatmapGeometry(map, self, size: rect.inset().size, hasPixels: hasPixels)
    else { return }
    let isAllThere = now.shownColumns == now.columns.count && now.lines * 2 >= now.rows.count
    if !isIn, isAllThere, now.zoom.width == 1 { return }
    let next = now.zoom.stepped(in: isIn)
    if next.width <= rect.width / 2 { heatmap.zoom = next }
  }

  // MARK: Watching

  /// What the engine should compute: what the heatmap shows, and similarity for Layers, while they are to be seen.
  private var wantedWatch: Watch? {
    guard model != nil, !isInLines else { return nil }
    guard layout.panes[.heatmap] != nil, let probe = heatmap.view.probe(heatmap, layer: layer) else {
      return layout.panes[.heatmap] ?? layout.panes[.layers] == nil ? nil : Watch(nil)
    }
    if case .attention = probe { return Watch(probe, focus: heatmap[cursor: .query]) }
    return Watch(probe, focus: heatmap[cursor: .token])
  }

  /// Tells the engine when that is something else.
  mutating func updateWatch() -> [Effect] {
    let wanted = wantedWatch
    guard wanted != watch else { return [] }
    watch = wanted
    return [.watch(wanted)]
  }
}
