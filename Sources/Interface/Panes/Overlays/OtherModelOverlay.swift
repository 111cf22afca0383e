import Terminal

/// Asks whether a session goes on with another model than its own, which cannot be opened.
struct OtherModelOverlay: OverlayView {
  let name = "other-model"
  let heading = "Another model?"
  let otherKeys = OtherKeys.nothing

  let keys: [KeyBinding] = [
    KeyBinding("go-on", .keys(.enter, "y", "Y"), "go on with the model that is loaded") { $0.adoptModel() },
    KeyBinding("leave", .keys(.escape, "n", "N") + [.control("c")], "leave the session") { state in
      state.overlay = nil
      return state.sessions.previous.map { [.openSession($0)] } ?? [.newSession(nil)]
    },
  ]

  func title(_ state: AppState) -> String { "Another model?" }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    guard case .otherModel(let own)? = state.overlay else { return }
    let width = max(20, min(canvas.size.width - 6, 72))
    let text =
      "This session was with \(own.name), which cannot be opened on this machine. It can go on with "
      + "\(state.model?.name ?? "another"), under the baseline; what was said stays as it is."
    let back = state.sessions.previous.map { " goes back to \($0)" } ?? " begins a new session"
    Popup.draw(
      title(state),
      [Span(text)].wrapped(width: width) + [
        [],
        [Span(key("go-on", state), .key), Span(" goes on with \(state.model?.name ?? "it")", .faint)],
        [Span(key("leave", state), .key), Span(back, .faint)],
      ], on: &canvas)
  }
}
