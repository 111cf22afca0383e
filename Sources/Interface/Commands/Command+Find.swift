extension Command {
  static let findCommands: [Command] = [
    Command("find", "[TEXT]", "look for a text in the conversation; n and N go on", onScreenOnly: true) {
      state, arguments throws(CommandError) in
      if arguments.text.isEmpty { state.findNext(by: 1) } else { state.find(arguments.text) }
      return []
    }
  ]
}
