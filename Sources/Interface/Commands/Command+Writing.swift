import Sessions

extension Command {
  static let writingCommands: [Command] = [
    Command(
      "read", "FILE [TEXT]", "send a file; @FILE in a message does so too",
      candidates: { state, words in
        words.isEmpty ? state.typedPath.map { state.paths(completing: $0) } ?? [] : []
      }
    ) { state, arguments throws(CommandError) in
      guard let path = arguments.firstPath else { throw CommandError("which file? write /read notes.txt") }
      guard !path.rest.isEmpty else {
        guard !state.isInLines else {
          throw CommandError("what is to be done with it? write /read \(path.path) and a question")
        }
        return [.checkFile(path.path)]
      }
      return [.attachFiles("\(path.rest) \(FileReference.spelling(of: path.path))")]
    },
    Command(
      "editor", "[message|answer]", "write a message in $EDITOR, or the last message or answer anew",
      onScreenOnly: true,
      candidates: { _, words in
        words.isEmpty
          ? [Candidate("message", "your last one"), Candidate("answer", "what the model said last")] : []
      }
    ) { state, arguments throws(CommandError) in
      switch arguments.words {
      case []: return state.openEditor()
      case ["message"]: return state.openEditor(for: state.session.conversation.lastPrompt)
      case ["answer"]: return state.openEditor(for: state.lastAnswer)
      default: throw CommandError("write /editor, /editor message or /editor answer")
      }
    },
    Command(
      "use", "NAME [TEXT]", "send a prompt of yours, with TEXT at its \(PromptFile.place)",
      candidates: { state, words in words.isEmpty ? state.catalog.prompts : [] }
    ) { state, arguments throws(CommandError) in
      guard let name = arguments.words.first else {
        let names = state.catalog.prompts.list
        throw CommandError(
          names.isEmpty
            ? "no prompts are kept yet: write files NAME.md in the folder prompts beside the settings"
            : "which one? " + names)
      }
      let text = arguments.text.dropFirst(name.count).drop(while: \.isWhitespace)
      return [.loadPrompt(name, .message(String(text)))]
    },
    Command(
      "system", "[TEXT|none|save NAME [--force]|load NAME|list]",
      "the system prompt from here on; kept and used again by name",
      candidates: { state, words in
        switch words {
        case []:
          [
            Candidate("none", "takes it away"), Candidate("save", "keep it by name"),
            Candidate("load", "use one that was kept"), Candidate("list", "the prompts that are kept"),
          ]
        case ["load"], ["save"]: state.catalog.prompts
        default: []
        }
      }
    ) { state, arguments throws(CommandError) in
      let system = state.session.conversation.messages().first { $0.role == .system }?.content ?? ""
      let words = arguments.words
      switch (words.first, words.count) {
      case (nil, _):
        state.say(system.isEmpty ? "there is no system prompt: /system TEXT sets one" : "system: \(system)")
        return []
      case ("none", 1): return state.setSystem("")
      case ("load", 2): return [.loadPrompt(words[1], .system)]
      case ("save", 2...3) where words.count == 2 || words[2] == "--force":
        guard !system.isEmpty else { throw CommandError("there is no system prompt to keep") }
        return [.savePrompt(system, name: words[1], replaces: words.count == 3)]
      case ("list", 1):
        let names = state.catalog.prompts.list
        state.say(names.isEmpty ? "no prompts are kept: /system save NAME" : "prompts: " + names)
        return []
      default: return state.setSystem(arguments.text)
      }
    },
  ]
}

extension Command.Arguments {
  /// A path, in quotes if it has spaces, and what follows it.
  fileprivate var firstPath: (path: String, rest: String)? {
    let isQuoted = text.first == "\""
    let path = isQuoted ? text.dropFirst().prefix { $0 != "\"" } : text.prefix { !$0.isWhitespace }
    let rest = text.dropFirst(path.count + (isQuoted ? 2 : 0)).drop(while: \.isWhitespace)
    return path.isEmpty ? nil : (String(path), String(rest))
  }
}
