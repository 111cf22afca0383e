import Sessions

extension AppState {
  /// Lists the sessions over the panes.
  mutating func showSessions() -> [Effect] {
    sessions.entry = nil
    sessions.search("")
    overlay = .sessions
    return [.sessions(.list)]
  }

  /// Takes what was done with sessions on disk.
  mutating func react(to news: SessionsNews) -> [Effect] {
    switch news {
    case .listed(let all):
      sessions.list(all)
      return []
    case .found(let matches, let query):
      sessions.take(matches, for: query)
      return []
    case .named(let name):
      sessions.renamed(to: name)
      return []
    case .renamed(let name):
      say("the session is called \(name) now")
      return listed(name)
    case .forked(let name):
      say("copied as \(name)")
      return listed(name)
    case .deleted(let session):
      sessions.deleted.append(session)
      say("deleted \(session.name): \(overlay == .sessions ? "u" : "/undelete") brings it back")
      return listed(nil)
    case .restored(let name):
      say("session \(name) is back")
      return listed(name)
    case .model(let own, let path): return ownModel(own, isAt: path)
    }
  }

  /// Has the lists brought up to date, with the cursor on a session.
  private mutating func listed(_ name: String?) -> [Effect] {
    guard overlay == .sessions else { return [.refreshCatalog] }
    let query = sessions.query
    return [.refreshCatalog, .sessions(.list)] + (query.isEmpty ? [] : [.sessions(.search(query))])
  }

  /// Opens a session that is there, and closes the list.
  mutating func openSession(_ name: String) -> [Effect] {
    guard answering == nil else {
      say(.warning, "an answer is under way: ^C stops it")
      return []
    }
    overlay = nil
    return name == sessions.open ? [] : [.openSession(name)]
  }

  /// Brings back the session that was deleted last.
  mutating func undeleteSession() -> [Effect] {
    guard let last = sessions.deleted.popLast() else {
      say("nothing was deleted in this run: pare sessions list --deleted shows what was before")
      return []
    }
    return [.sessions(.restore(last))]
  }

  /// Deletes a session; an answer of the open one must not be under way.
  mutating func deleteSession(_ name: String) -> [Effect] {
    guard name != sessions.open || answering == nil else {
      say(.warning, "an answer is under way: ^C stops it")
      return []
    }
    return [.sessions(.delete(name))]
  }

  // MARK: What is typed in the list

  /// Begins to type a name, a file or a query.
  mutating func beginEntry(_ purpose: SessionsState.Entry.Purpose) {
    let name = sessions.current?.summary.name.description
    switch purpose {
    case .search: sessions.entry = .init(purpose: .search, field: TextField(sessions.query))
    case .rename: sessions.entry = name.map { .init(purpose: .rename, field: TextField($0)) }
    case .export: sessions.entry = name.map { .init(purpose: .export, field: TextField($0 + ".html")) }
    }
  }

  /// Does with the typed text what it was typed for.
  mutating func endEntry() -> [Effect] {
    guard let entry = sessions.entry, let current = sessions.current?.summary.name.description else {
      return []
    }
    let text = entry.field.text
    switch entry.purpose {
    case .search: return openSession(current)
    case .rename:
      sessions.entry = nil
      return text == current ? [] : [.sessions(.rename(current, to: text))]
    case .export:
      guard let format = SessionFormat(path: text) else {
        say(.error, "end the name in .md, .json or .html")
        return []
      }
      sessions.entry = nil
      return [.sessions(.export(current, format, path: text))]
    }
  }
}
