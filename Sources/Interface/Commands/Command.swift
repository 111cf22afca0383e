/// A slash command. One table feeds the help, the completion and the execution; a new command is a line in
/// one of the `Command+….swift` files.
struct Command: Sendable {
  /// Without the slash.
  var name: String
  /// The arguments, as the help shows them.
  var usage: String
  var summary: String
  /// Words that may stand where the cursor is, after the complete `words` before it.
  var candidates: @Sendable (_ state: AppState, _ words: [String]) -> [Candidate]
  /// Whether it is about the screen, and so means nothing in line mode.
  var isOnScreenOnly = false
  var run: @Sendable (inout AppState, Arguments) throws(CommandError) -> [Effect]

  init(
    _ name: String, _ usage: String = "", _ summary: String, onScreenOnly: Bool = false,
    candidates: @escaping @Sendable (_ state: AppState, _ words: [String]) -> [Candidate] = { _, _ in [] },
    run: @escaping @Sendable (inout AppState, Arguments) throws(CommandError) -> [Effect]
  ) {
    self.name = name
    self.usage = usage
    self.summary = summary
    isOnScreenOnly = onScreenOnly
    self.candidates = candidates
    self.run = run
  }

  var synopsis: String { "/" + name + (usage.isEmpty ? "" : " " + usage) }

  static let all: [Command] =
    planCommands + analysisCommands + answerCommands + thinkingCommands + contextCommands + writingCommands
    + findCommands + tokenCommands
    + heatmapCommands + screenCommands + sessionCommands + programCommands

  static func named(_ name: String) -> Command? { all.first { $0.name == name } }

  /// The text that is typed after a command's name.
  struct Arguments: Sendable {
    /// As it was typed, without spaces at its ends.
    var text: String
    var words: [String]

    init(_ text: Substring) {
      let trimmed = text.drop { $0.isWhitespace }
      self.text = String(trimmed)
      while self.text.last?.isWhitespace == true { self.text.removeLast() }
      words = trimmed.split(whereSeparator: \.isWhitespace).map(String.init)
    }
  }
}

/// A command that cannot be carried out: one line that says why and how it is written.
struct CommandError: Error, CustomStringConvertible, Hashable {
  let description: String
  init(_ description: String) { self.description = description }
}

extension AppState {
  /// Runs a line that begins with a slash.
  mutating func run(commandLine line: String) -> [Effect] {
    let name = line.dropFirst().prefix { !$0.isWhitespace }
    guard let command = Command.named(String(name)) else {
      let near = Command.all.map(\.name).filter { $0.hasPrefix(name.prefix(2)) && !name.isEmpty }
      let hint = near.isEmpty ? "/help lists them" : "did you mean /" + near.joined(separator: " or /") + "?"
      say(.error, "no command /\(name): \(hint); a space before the slash makes it a message")
      return []
    }
    if command.isOnScreenOnly, isInLines {
      say(.error, "/\(command.name) needs the screen: run pare in a terminal")
      return []
    }
    do {
      return try command.run(&self, Command.Arguments(line.dropFirst(name.count + 1)))
    } catch {
      say(.error, "/\(command.name): \(error)")
      return []
    }
  }
}
