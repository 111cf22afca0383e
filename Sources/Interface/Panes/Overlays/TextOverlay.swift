import Terminal

/// A text over the panes: what a command has to show that is longer than a line.
struct TextOverlay: OverlayView {
  let name = "text"
  let heading = "Text"
  let otherKeys = OtherKeys.nothing

  let keys: [KeyBinding] = [
    .changing("up", .keys(.up, "k"), "scroll up") { scroll(&$0, by: -1) },
    .changing("down", .keys(.down, "j"), "scroll down") { scroll(&$0, by: 1) },
    .changing("page-up", .keys(.pageUp), "half a page up") { scroll(&$0, by: -$0.size.height / 2) },
    .changing("page-down", .keys(.pageDown, " "), "half a page down") { scroll(&$0, by: $0.size.height / 2) },
    .changing("start", .keys(.home, "g"), "the beginning") { scroll(&$0, by: -.max / 2) },
    .changing("end", .keys(.end, "G"), "the end") { scroll(&$0, by: .max / 2) },
    .close(.keys(.escape, .enter, "q") + [.control("c")]),
  ]

  private static func rows(_ page: TextPage, _ size: Size) -> [Line] {
    page.lines.flatMap { $0.wrapped(width: Popup.width(size)) }
  }

  private static func scroll(_ state: inout AppState, by rows: Int) {
    guard case .text(var page) = state.overlay else { return }
    let last = max(0, Self.rows(page, state.size).count - Popup.room(state.size))
    page.scroll = max(0, min(page.scroll + rows, last))
    state.overlay = .text(page)
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
