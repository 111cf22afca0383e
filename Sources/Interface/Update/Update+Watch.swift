import Inference

extension AppState {
  /// Tells the engine what to compute, when that is something else than before.
  mutating func updateWatch(_ layout: Layout) -> [Effect] {
    let wanted = wantedWatch(layout)
    guard wanted != watch else { return [] }
    watch = wanted
    return [.watch(wanted)]
  }

  /// The heatmap's probe, and similarity for Layers, while these panes are on the screen.
  private func wantedWatch(_ layout: Layout) -> Watch? {
    guard model != nil, !isInLines else { return nil }
    guard layout.panes[.heatmap] != nil, let probe = heatmap.view.probe(heatmap, layer: layer) else {
      return layout.panes[.heatmap] ?? layout.panes[.layers] == nil ? nil : Watch(nil)
    }
    if case .attention = probe { return Watch(probe, focus: heatmap[cursor: .query]) }
    return Watch(probe, focus: heatmap[cursor: .token])
  }
}
