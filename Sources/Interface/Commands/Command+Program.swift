import Sessions

extension Command {
  static let programCommands: [Command] = [
    Command(
      "model", "[NAME|PATH]", "open another model; without a name, all there are to choose from",
      candidates: { state, words in words.isEmpty ? state.catalog.models : [] }
    ) { state, arguments throws(CommandError) in
      guard !arguments.text.isEmpty else {
        guard state.isInLines else { return state.pickModel() }
        let models = state.catalog.models.list
        throw CommandError(
          "which one? " + (models.isEmpty ? "give the path of a GGUF file" : models))
      }
      try state.requireIdle()
      state.isLoading = true
      return [.loadModel(arguments.text)]
    },
    Command(
      "pull", "NAME|ADDRESS|stop", "fetch a model; it can be stopped, and goes on another time",
      onScreenOnly: true,
      candidates: { _, words in
        words.isEmpty
          ? Catalogue.builtIn.entries.map { Candidate($0.name, $0.bytes.map(Figures.bytes) ?? "") }
            + [Candidate("stop", "end what is being fetched")] : []
      }
    ) { state, arguments throws(CommandError) in
      switch arguments.words {
      case ["stop"]: return state.stopPull()
      case let words where words.count == 1: return state.beginPull(words[0])
      default:
        throw CommandError("which one? " + Catalogue.builtIn.entries.map(\.name).joined(separator: ", "))
      }
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
