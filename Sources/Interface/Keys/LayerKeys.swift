import Terminal

/// Keys that move the layer cursor, shared by the panes that show it.
enum LayerKeys {
  static let move: [KeyBinding] = [
    KeyBinding("move-up", .keys(.up, "k"), "previous layer") { move(&$0, by: -1) },
    KeyBinding("move-down", .keys(.down, "j"), "next layer") { move(&$0, by: 1) },
    KeyBinding("move-page-up", .keys(.pageUp), "ten layers back") { move(&$0, by: -10) },
    KeyBinding("move-page-down", .keys(.pageDown), "ten layers on") { move(&$0, by: 10) },
    KeyBinding("move-first", .keys(.home, "g"), "first layer") { move(&$0, by: -$0.layerCount) },
    KeyBinding("move-last", .keys(.end, "G"), "last layer") { move(&$0, by: $0.layerCount) },
  ]

  private static func move(_ state: inout AppState, by step: Int) -> [Effect] {
    state.moveLayer(by: step)
    return []
  }
}

extension KeyBinding {
  /// Shared by all panes.
  static let zoom = KeyBinding("zoom", .keys("z"), "the pane alone, or all again", hint: "zoom") { state in
    state.isZoomed.toggle()
    return []
  }
}
