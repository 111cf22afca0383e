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

  /// Scrolls the text of an overlay.
  static let scrolling: [KeyBinding] = [
    .changing("up", .keys(.up, "k"), "scroll up") { $0.scrollOverlay(by: -1) },
    .changing("down", .keys(.down, "j"), "scroll down") { $0.scrollOverlay(by: 1) },
    .changing("page-up", .keys(.pageUp), "half a page up") { $0.scrollOverlay(by: -$0.size.height / 2) },
    .changing("page-down", .keys(.pageDown, " "), "half a page down") {
      $0.scrollOverlay(by: $0.size.height / 2)
    },
    .changing("start", .keys(.home, "g"), "the beginning") { $0.scrollOverlay(by: -.max / 2) },
    .changing("end", .keys(.end, "G"), "the end") { $0.scrollOverlay(by: .max / 2) },
  ]

  /// Gives a pane all the room.
  static let zoom: KeyBinding = .changing("zoom", .keys("z"), "the pane alone, or all again", hint: "zoom") {
    $0.isZoomed.toggle()
  }
}
