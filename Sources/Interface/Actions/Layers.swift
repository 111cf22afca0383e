extension AppState {
  /// The layers as the Layers pane lists them.
  var orderedLayers: [Int] { findings.ordered(layerOrder) }

  /// Moves along the rows of the Layers pane.
  mutating func moveLayer(by step: Int) {
    let rows = orderedLayers
    guard let row = rows.firstIndex(of: layer) else { return }
    layer = rows[max(0, min(row + step, rows.count - 1))]
  }

  /// Puts the cursor on a layer, or the nearest there is.
  mutating func moveLayer(to layer: Int) { self.layer = max(0, min(layer, layerCount - 1)) }

  /// Takes the next order of the Layers pane for which something is measured.
  mutating func changeLayerOrder() {
    let all = LayerOrder.allCases
    var place = all.firstIndex(of: layerOrder)!
    repeat { place = (place + 1) % all.count } while !findings.isKnown(all[place])
    layerOrder = all[place]
    say("layers \(layerOrder.name)")
  }
}
