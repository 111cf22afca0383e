import Terminal

/// Keys that act whatever has the focus.
enum GlobalKeys {
  static let all: [KeyBinding] = [
    KeyBinding("next-pane", [KeyChord(.tab)], "next pane", hint: "panes") { state in
      state.cycleFocus(by: 1)
      return []
    },
    KeyBinding("previous-pane", [KeyChord(.tab, .shift)], "previous pane") { state in
      state.cycleFocus(by: -1)
      return []
    },
    KeyBinding("help", [KeyChord(.function(1))], "this help", hint: "help") { state in
      state.overlay = .help(scroll: 0)
      return []
    },
    KeyBinding("stop", [.control("c")], "stop the answer; when idle, clear the line or quit") {
      $0.interruptOrQuit()
    },
    KeyBinding("redraw", [.control("l")], "draw the screen anew") { _ in [.redraw] },
    KeyBinding("suspend", [.control("z")], "suspend the program") { _ in [.suspend] },
  ]
}
