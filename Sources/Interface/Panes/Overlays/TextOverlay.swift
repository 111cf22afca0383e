import Terminal

/// A text over the panes: what a command has to show that is longer than a line.
struct TextOverlay: OverlayView {
  let name = "text"
  let heading = "Text"
  let otherKeys = OtherKeys.nothing

  let keys: [KeyBinding] = KeyBinding.scrolling + [.close(.keys(.escape, .enter, "q") + [.control("c")])]

  private static func rows(_ page: TextPage, _ size: Size) -> [Line] {
    page.lines.flatMap { $0.wrapped(width: Popup.width(size)) }
  }

  func rowCount(_ state: AppState) -> Int {
    if case .text(let page) = state.overlay { Self.rows(page, state.size).count } else { 0 }
  }

  func title(_ state: AppState) -> String {
    if case .text(let page) = state.overlay { page.title } else { heading }
  }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    guard case .text(let page) = state.overlay else { return }
    Popup.draw(
      page.title, Self.rows(page, canvas.size), scroll: page.scroll,
      hints: [("down", "more"), ("close", "closes")].map { (key($0.0, state), $0.1) }, on: &canvas)
  }
}
