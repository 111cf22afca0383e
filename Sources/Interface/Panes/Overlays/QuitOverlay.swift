import Terminal

/// Asks before the program ends.
struct QuitOverlay: OverlayView {
  let name = "quit"
  let heading = "Quit?"
  /// Typing on cancels the question, and the key is not lost.
  let otherKeys = OtherKeys.closeAndAct

  let keys: [KeyBinding] = [
    KeyBinding("quit", .keys(.enter) + [.control("c"), .control("d")] + .keys("y", "Y"), "quit") { state in
      state.overlay = nil
      return state.quit()
    },
    .changing("stay", .keys(.escape, "n", "N"), "stay") { $0.overlay = nil },
  ]

  func title(_ state: AppState) -> String { "Quit?" }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    let quits = state.keys[self][0].chords.prefix(2).map { [Span($0.name, .key)] }
    Popup.draw(
      title(state),
      [
        fate(state),
        [],
        Line(quits.joined(separator: [Span(" or ", .faint)])) + [
          Span(" quits   ", .faint), Span(key("stay", state), .key), Span(" stays", .faint),
        ],
      ], on: &canvas)
  }

  private func fate(_ state: AppState) -> Line {
    if state.unsaved != nil {
      return [Span("The session is not saved: what its file lacks would be lost.", .error)]
    }
    let isBusy = state.answering != nil
    return [Span(isBusy ? "The answer under way will be kept as far as it is." : "The session is kept.")]
  }
}
