import ArgumentParser
import Foundation
import IO
import Sessions

struct SessionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions", abstract: "List, show and export saved conversations.",
    subcommands: [List.self, Show.self, Export.self], defaultSubcommand: List.self)

  private static var store: SessionStore { SessionStore(directory: Directories().sessions) }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the sessions, the last used first.")

    @Flag(help: "Print one JSON object.")
    var json = false

    // The names that scripts rely on.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct Output: Encodable {
      struct Entry: Encodable {
        var name: String
        var path: String
        var bytes: Int
        var modified: String
        var first_prompt: String?
      }
      var sessions: [Entry]
    }

    func run() throws {
      let sessions = store.list()
      if json {
        return try printJSON(
          Output(
            sessions: sessions.map {
              .init(
                name: $0.name.description, path: store.url(of: $0.name).path, bytes: $0.bytes,
                modified: $0.modified.formatted(.iso8601), first_prompt: $0.firstPrompt)
            }))
      }
      if sessions.isEmpty { note("there are no sessions yet: `pare` begins one") }
      let width = sessions.map(\.name.description.count).max() ?? 0
      for session in sessions {
        let name = session.name.description.padding(toLength: width, withPad: " ", startingAt: 0)
        let day = session.modified.formatted(.iso8601.year().month().day())
        try printLine("\(name) \(day) \(session.firstPrompt ?? "–")")
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a session's current branch.")

    @Argument(help: "A name that `pare sessions` lists.")
    var name: String

    @Flag(help: "Print the whole session as one JSON object.")
    var json = false

    func run() throws {
      try printSession(name, as: json ? .json : .markdown)
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a session for other programs.")

    @Argument(help: "A name that `pare sessions` lists.")
    var name: String

    @Option(help: "md, json or html.")
    var format: SessionFormat

    func run() throws { try printSession(name, as: format) }
  }

  private static func printSession(_ text: String, as format: SessionFormat) throws {
    let name = try SessionName(text)
    guard store.exists(name) else {
      throw InputError(description: "there is no session “\(name)”: `pare sessions` lists them")
    }
    let replay = try store.read(name)
    for line in replay.notes { note("\(name): \(line)") }
    let exported = replay.export(as: format, name: name)
    try format == .json
      ? TextOutput.standard.json(exported.trimmingCharacters(in: .newlines))
      : TextOutput.standard.text(exported)
  }
}

extension SessionFormat: ExpressibleByArgument {}
