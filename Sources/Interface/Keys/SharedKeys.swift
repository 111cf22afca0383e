import Terminal

/// Keys that several places share.
extension KeyBinding {
  /// Moves the layer cursor.
  static let layerMoves: [KeyBinding] = [
    .changing("move-up", .keys(.up, "k"), "previous layer") { $0.moveLayer(by: -1) },
    .changing("move-down", .keys(.down, "j"), "next layer") { $0.moveLayer(by: 1) },
    .changing("move-page-up", .keys(.pageUp), "ten layers back") { $0.moveLayer(by: -10) },
    .changing("move-page-down", .keys(.pageDown), "ten layers on") { $0.moveLayer(by: 10) },
    .changing("move-first", .keys(.home, "g"), "first layer") { $0.moveLayer(by: -$0.layerCount) },
    .changing("move-last", .keys(.end, "G"), "last layer") { $0.moveLayer(by: $0.layerCount) },
  ]

  /// Gives a pane all the room.
  static let zoom: KeyBinding = .changing("zoom", .keys("z"), "the pane alone, or all again", hint: "zoom") {
    $0.isZoomed.toggle()
  }
}
