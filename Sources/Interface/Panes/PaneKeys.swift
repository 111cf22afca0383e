import Terminal

/// Keys of every pane but the input line, which has the same for what is typed.
struct PaneKeys: KeySection {
  let name = "panes"
  let heading = "In every pane"

  let keys: [KeyBinding] = [
    KeyBinding("smaller", .keys("<"), "the pane smaller") { $0.growPane(by: -1) },
    KeyBinding("larger", .keys(">"), "the pane larger") { $0.growPane(by: 1) },
    .changing("back", .keys(.escape, "q"), "back to the input line") { $0.focusInput() },
    KeyBinding("command", .keys("/"), "begin a command") { state in
      state.focusInput()
      return [.terminal(.setInput("/"))]
    },
    .changing("help", .keys("?"), "this help") { $0.overlay = .help(scroll: 0) },
  ]
}
