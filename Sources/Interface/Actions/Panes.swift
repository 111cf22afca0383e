import Sessions

extension AppState {
  /// Has the panes kept as they are now.
  var rememberingLayout: Effect {
    .rememberLayout(
      RememberedState.Layout(
        chatOnly: arrangement.isChatOnly, side: arrangement.sideShare, main: arrangement.mainShare,
        pane: side.name))
  }

  /// Gives the chat the screen, or shows the panes again.
  mutating func setChatOnly(_ isOn: Bool) -> [Effect] {
    arrangement.isChatOnly = isOn
    isZoomed = false
    if isOn { focusInput() }
    say(isOn ? "the chat alone; Tab still goes to the other panes" : "all panes")
    return [rememberingLayout]
  }

  /// Gives the panes their usual sizes.
  mutating func resetPanes() -> [Effect] {
    arrangement.sideShare = nil
    arrangement.mainShare = nil
    say("the panes have their usual sizes")
    return [rememberingLayout]
  }

  /// Gives the side panes a share of the screen's width.
  mutating func setSideWidth(percent: Int) -> [Effect] {
    arrangement.isChatOnly = false
    arrangement.sideShare = Double(percent) / 100
    say("side panes have \(percent) % of the width")
    return [rememberingLayout]
  }
}
