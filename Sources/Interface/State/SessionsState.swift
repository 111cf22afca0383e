import Sessions

/// The sessions on disk as the overlay lists them, and the open one's name.
struct SessionsState: Sendable {
  /// The session that is open, and the one before it.
  private(set) var open = ""
  private(set) var previous: String?
  /// The most recently used first.
  private(set) var all: [SessionSummary] = []
  /// The sessions in which ``query`` occurs; nil while all are shown.
  private(set) var found: [SessionMatch]?
  private(set) var query = ""
  /// Whether the answer to the newest query is still to come.
  private(set) var isSearching = false
  /// What is being typed, and for what.
  var entry: Entry?
  /// Sessions that were deleted in this run, and can be brought back; the last is the newest.
  var deleted: [DeletedSession] = []
  private var picked = 0

  struct Entry: Sendable, Hashable {
    enum Purpose: Sendable, Hashable { case search, rename, export }
    var purpose: Purpose
    var field = TextField()
  }

  /// What the overlay lists.
  var rows: [SessionMatch] { found ?? all.map { SessionMatch(summary: $0, excerpt: nil) } }
  /// The row of the cursor; 0 where there is none.
  var place: Int { max(0, min(picked, rows.count - 1)) }
  /// The session under the cursor.
  var current: SessionMatch? { rows.isEmpty ? nil : rows[place] }

  mutating func move(by step: Int) { picked = max(0, min(place + step, rows.count - 1)) }

  /// Puts the cursor on a session.
  mutating func pick(_ name: String) {
    picked = rows.firstIndex { $0.summary.name.description == name } ?? picked
  }

  /// Takes another session as the open one.
  mutating func opened(_ name: String) {
    if name != open, !open.isEmpty { previous = open }
    open = name
  }

  /// The open session has another name now.
  mutating func renamed(to name: String) { open = name }

  mutating func list(_ sessions: [SessionSummary]) { all = sessions }

  /// Looks for something else; an empty query shows all.
  mutating func search(_ text: String) {
    query = text
    isSearching = !text.isEmpty
    if text.isEmpty { found = nil }
    picked = 0
  }

  /// Takes the answer to a query, if it is still asked for.
  mutating func take(_ matches: [SessionMatch], for query: String) {
    guard query == self.query else { return }
    found = matches
    isSearching = false
  }
}

/// What `update` asks for about sessions on disk; names are those of the list, nil is the open session.
enum SessionsEffect: Sendable {
  case list
  /// Answered when all sessions are looked through, unless another search comes before.
  case search(String)
  case rename(String?, to: String)
  case fork(String?, as: String?, opens: Bool)
  case delete(String)
  case restore(DeletedSession)
  case export(String?, SessionFormat, path: String)
  /// Writes the page that plays a session.
  case saveReplay(Session, ReplayReport, missing: String, name: String, path: String)
  /// Finds the file of a session's own model.
  case findModel(ModelReference)
}

/// Answers to ``SessionsEffect``.
enum SessionsNews: Sendable {
  case listed([SessionSummary])
  case found([SessionMatch], query: String)
  /// The open session has this name.
  case named(String)
  case renamed(String)
  case forked(String)
  case deleted(DeletedSession)
  case restored(String)
  /// `path` is nil where the model is not on this machine.
  case model(ModelReference, path: String?)
}
