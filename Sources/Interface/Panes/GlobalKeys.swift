import Terminal

/// Keys that act whatever has the focus.
struct GlobalKeys: KeySection {
  let name = "global"
  let heading = "Everywhere"

  let keys: [KeyBinding] = [
    .changing("next-pane", [KeyChord(.tab)], "next pane", hint: "panes") { $0.cycleFocus(by: 1) },
    .changing("previous-pane", [KeyChord(.tab, .shift)], "previous pane") { $0.cycleFocus(by: -1) },
    .changing("help", [KeyChord(.function(1))], "this help", hint: "help") { $0.overlay = .help(scroll: 0) },
    KeyBinding("stop", [.control("c")], "stop the answer; when idle, clear the line or quit") {
      $0.interruptOrQuit()
    },
    KeyBinding("editor", [.control("o")], "write the message in $EDITOR") { $0.openEditor() },
    KeyBinding("chat-only", [KeyChord(.function(2))], "the chat alone, or all panes") {
      $0.setChatOnly(!$0.arrangement.isChatOnly)
    },
    KeyBinding("thought", [KeyChord(.function(3))], "unfold the last thought, or fold it") {
      $0.toggleThought()
    },
    KeyBinding("redraw", [.control("l")], "draw the screen anew") { _ in [.terminal(.redraw)] },
    KeyBinding("suspend", [.control("z")], "suspend the program") { _ in [.terminal(.suspend)] },
  ]
}
