import ArgumentParser
import Foundation
import IO
import Sessions

struct SessionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions", abstract: "List, search, show, keep and export saved conversations.",
    subcommands: [
      List.self, SearchTexts.self, Show.self, Export.self, Rename.self, Fork.self, Delete.self, Restore.self,
    ], defaultSubcommand: List.self)

  static var store: SessionStore { SessionStore(directory: Directories().sessions) }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the sessions, the last used first.")

    @Flag(help: "Those that were deleted, which `restore` brings back.")
    var deleted = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
      let store = deleted ? store.deleted : store
      let sessions = store.list()
      if json { return try printJSON(SessionEntries(sessions.map { SessionEntry($0, in: store) })) }
      if sessions.isEmpty {
        note(deleted ? "no session was deleted" : "there are no sessions yet: `pare` begins one")
      }
      try printTable(sessions.map { ($0, $0.firstPrompt ?? "–") })
    }
  }

  struct SearchTexts: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "search",
      abstract: "List the sessions in which all words occur, in the name or in what was said.",
      discussion: "The exit code is 1 where there is none. Of a session longer than 4 MB its end is searched."
    )

    @Argument(help: "Words, whatever their case.")
    var words: [String]

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
      let found = SessionSearch(store).matches(words.joined(separator: " ")) ?? []
      if json {
        try printJSON(SessionEntries(found.map { SessionEntry($0.summary, in: store, excerpt: $0.excerpt) }))
      } else {
        try printTable(found.map { ($0.summary, $0.excerpt ?? $0.summary.firstPrompt ?? "–") })
      }
      if found.isEmpty { throw ExitCode(Failure.runtimeError) }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a session's current branch.")

    @Argument(help: "A name that `pare sessions` lists.")
    var name: String

    @Flag(help: "Print the whole session as one JSON object.")
    var json = false

    func run() throws {
      let (name, replay) = try read(name)
      let format = json ? SessionFormat.json : .markdown
      try write(replay.export(as: format, name: name), isJSON: json)
    }
  }

  /// The session called `text`, with notes on what is left out of it.
  static func read(_ text: String) throws -> (SessionName, Replay) {
    let name = try existing(text)
    let replay = try store.read(name)
    for line in replay.notes { note("\(name): \(line)") }
    return (name, replay)
  }

  /// The name of a session that is there.
  static func existing(_ text: String) throws -> SessionName {
    let name = try SessionName(text)
    guard store.exists(name) else { throw InputError(description: "\(store.missing(name))") }
    return name
  }

  static func write(_ text: String, isJSON: Bool) throws {
    try isJSON
      ? TextOutput.standard.json(text.trimmingCharacters(in: .newlines)) : TextOutput.standard.text(text)
  }

  private static func printTable(_ rows: [(session: SessionSummary, text: String)]) throws {
    let width = rows.map(\.session.name.description.count).max() ?? 0
    for (session, text) in rows {
      let name = session.name.description.padding(toLength: width, withPad: " ", startingAt: 0)
      let day = session.modified.formatted(.iso8601.year().month().day())
      try printLine("\(name) \(day) \(text)")
    }
  }
}

/// Sessions in JSON.
private struct SessionEntries: Encodable {
  var sessions: [SessionEntry]
  init(_ sessions: [SessionEntry]) { self.sessions = sessions }
}

// The names that scripts rely on.
// swift-format-ignore: AlwaysUseLowerCamelCase
private struct SessionEntry: Encodable {
  var name: String
  var path: String
  var bytes: Int
  var modified: String
  var model: String?
  var first_prompt: String?
  /// Of a search.
  var excerpt: String?

  init(_ session: SessionSummary, in store: SessionStore, excerpt: String? = nil) {
    name = session.name.description
    path = store.url(of: session.name).path
    bytes = session.bytes
    modified = session.modified.formatted(.iso8601)
    model = session.model?.name
    first_prompt = session.firstPrompt
    self.excerpt = excerpt
  }
}
