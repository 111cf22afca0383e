import Inference

extension AppState {
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

  /// Puts the cursor on an index of an axis; the last of the tokens is followed.
  mutating func setCursor(on axis: HeatmapAxis, to index: Int, isLast: Bool) {
    switch axis.kind {
    case .layer: moveLayer(to: index)
    case .place:
      heatmap.isAtEmbedding = index == 0
      moveLayer(to: max(0, index - 1))
    case .sublayerPlace:
      heatmap.isAtEmbedding = index == 0
      heatmap[cursor: .sublayerPlace] = index
      moveLayer(to: max(0, (index - 1) / 2))
    default: heatmap[cursor: axis.kind] = isLast && axis.kind.isText ? nil : index
    }
  }

  /// Opens the view of what is under the cursor, or marks the token there.
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

  /// Shows another view.
  mutating func showHeatmap(_ place: HeatmapState.Place) {
    heatmap.place = place
    heatmap.zoom = nil
  }
}
