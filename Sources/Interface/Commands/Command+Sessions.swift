import Sessions

extension Command {
  static let sessionCommands: [Command] = [
    Command(
      "sessions", "[NAME]", "list, search and keep sessions, or go on with another",
      candidates: { state, words in words.isEmpty ? state.catalog.sessions : [] }
    ) { state, arguments throws(CommandError) in
      if arguments.text.isEmpty {
        guard state.isInLines else { return state.showSessions() }
        let sessions = state.catalog.sessions.list
        throw CommandError("which one? " + (sessions.isEmpty ? "there is none yet" : sessions))
      }
      try state.requireIdle()
      return [.openSession(arguments.text)]
    },
    Command("new", "[NAME]", "begin a new session") { state, arguments throws(CommandError) in
      try state.requireIdle()
      return [.newSession(arguments.text.isEmpty ? nil : arguments.text)]
    },
    Command("rename", "NAME", "give this session another name") { state, arguments throws(CommandError) in
      guard !arguments.text.isEmpty else { throw CommandError("to what? write /rename NAME") }
      return [.sessions(.rename(nil, to: arguments.text))]
    },
    Command("fork", "[NAME]", "copy this session, and go on in the copy") {
      state, arguments throws(CommandError) in
      try state.requireIdle()
      return [.sessions(.fork(nil, as: arguments.text.isEmpty ? nil : arguments.text, opens: true))]
    },
    Command(
      "delete", "NAME", "put a session aside; /undelete brings it back",
      candidates: { state, words in words.isEmpty ? state.catalog.sessions : [] }
    ) { state, arguments throws(CommandError) in
      guard !arguments.text.isEmpty else { throw CommandError("which one? write /delete NAME") }
      return state.deleteSession(arguments.text)
    },
    Command("undelete", "", "bring back the session that was deleted last") {
      state, _ throws(CommandError) in state.undeleteSession()
    },
    Command(
      "export", "[replay] FILE",
      "write this session to FILE.md, .json or .html; replay: a page that plays it",
      candidates: { _, words in
        words.isEmpty ? [Candidate("replay", "one page with heatmaps, plans and comparison: FILE.html")] : []
      }
    ) { state, arguments throws(CommandError) in
      if arguments.words.first == "replay" {
        let path = arguments.text.dropFirst("replay".count).drop(while: \.isWhitespace)
        guard SessionFormat(path: String(path)) == .html else {
          throw CommandError("where to? write /export replay FILE.html")
        }
        return state.exportReplay(to: String(path))
      }
      guard let format = SessionFormat(path: arguments.text) else {
        throw CommandError("where to? write /export FILE.md, FILE.json or FILE.html")
      }
      return [.sessions(.export(nil, format, path: arguments.text))]
    },
  ]
}

extension AppState {
  fileprivate func requireIdle() throws(CommandError) {
    if answering != nil { throw CommandError("an answer is under way: ^C stops it") }
  }
}
