import Foundation

extension Command {
  static let screenCommands: [Command] = [
    Command(
      "theme", "NAME|auto", "how the screen looks", onScreenOnly: true,
      candidates: { state, words in words.isEmpty ? state.catalog.themes : [] }
    ) { state, arguments throws(CommandError) in
      guard arguments.words.count == 1 else {
        throw CommandError("which one? " + state.catalog.themes.list)
      }
      guard arguments.words[0] == ThemeCatalog.automaticName else {
        return [.loadTheme(arguments.words[0])]
      }
      state.followBackground()
      state.say("theme \(state.theme.name), as the terminal's background")
      return state.record(.setting(key: "theme", value: ThemeCatalog.automaticName))
    },
    Command(
      "layout", "chat|panes|PERCENT|reset", "the chat alone, all panes, or the width of the side panes",
      onScreenOnly: true,
      candidates: { _, words in
        words.isEmpty
          ? [
            Candidate("chat", "the chat alone"), Candidate("panes", "all panes"),
            Candidate("40", "side panes have 40 % of the width"), Candidate("reset", "the usual sizes"),
          ] : []
      }
    ) { state, arguments throws(CommandError) in
      switch arguments.text {
      case "chat": return state.setChatOnly(true)
      case "panes": return state.setChatOnly(false)
      case "reset": return state.resetPanes()
      case let text:
        let number = text.hasSuffix("%") ? text.dropLast() : text[...]
        guard let percent = Int(number.trimmingCharacters(in: .whitespaces)), (10...90).contains(percent)
        else {
          throw CommandError("write /layout chat, panes, reset, or the width of the side panes, 10 to 90 %")
        }
        return state.setSideWidth(percent: percent)
      }
    },
    Command(
      "mouse", "on|off", "off lets the terminal select text by itself", onScreenOnly: true,
      candidates: { _, words in words.isEmpty ? [Candidate("on"), Candidate("off")] : [] }
    ) { state, arguments throws(CommandError) in
      guard let value = arguments.words.first, ["on", "off"].contains(value), arguments.words.count == 1
      else {
        throw CommandError("write /mouse on or /mouse off")
      }
      state.say("the mouse is \(value == "on" ? "the program's" : "the terminal's")")
      return state.record(.setting(key: "mouse", value: value)) + [.terminal(.reportMouse(value == "on"))]
    },
    Command("picture", "FILE.svg", "save the screen as a picture", onScreenOnly: true) {
      state, arguments throws(CommandError) in
      guard !arguments.text.isEmpty else { throw CommandError("where to? write /picture screen.svg") }
      state.notice = nil
      return [.terminal(.savePicture(path: arguments.text))]
    },
  ]
}
