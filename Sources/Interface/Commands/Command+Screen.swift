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
