extension Command {
  static let programCommands: [Command] = [
    Command(
      "model", "NAME|PATH", "open another model",
      candidates: { state, words in words.isEmpty ? state.catalog.models : [] }
    ) { state, arguments throws(CommandError) in
      guard !arguments.text.isEmpty else {
        let models = state.catalog.models.list
        throw CommandError(
          "which one? " + (models.isEmpty ? "give the path of a GGUF file" : models))
      }
      try state.requireIdle()
      state.isLoading = true
      return [.loadModel(arguments.text)]
    },
    Command("help", "", "keys and commands") { state, _ throws(CommandError) in
      state.overlay = .help(scroll: 0)
      return []
    },
    Command("quit", "", "end the program; the session is kept") { state, _ throws(CommandError) in
      state.quit()
    },
  ]
}

extension AppState {
  fileprivate func requireIdle() throws(CommandError) {
    if answering != nil { throw CommandError("an answer is under way: ^C stops it") }
  }
}
