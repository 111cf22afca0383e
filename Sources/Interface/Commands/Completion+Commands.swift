extension Completion {
  /// The words that fit what is typed, of a command or of a path after `@`; nil if nothing like that is being
  /// typed, the cursor is inside it, or nothing fits.
  init?(for state: AppState) {
    let text = state.input.text
    guard state.input.prompt == nil else { return nil }
    if text.first != "/" {
      guard let path = state.typedPath else { return nil }
      let all = state.paths(completing: path).map { Candidate("@" + $0.text) }
      guard !all.isEmpty, !(all.count == 1 && all[0].text == "@" + path) else { return nil }
      self.init(prefix: String(text.dropLast(path.count + 1)), candidates: all)
      return
    }
    guard text.first == "/", state.input.cursor == text.utf8.count, !text.contains("\n") else { return nil }
    var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    let current = text.last?.isWhitespace == true ? "" : words.removeLast()
    var all: [Candidate]
    if words.isEmpty {
      all = Command.all.map { Candidate("/" + $0.name, $0.summary) }
    } else {
      guard let command = Command.named(String(words[0].dropFirst())) else { return nil }
      all = command.candidates(state, Array(words.dropFirst()))
    }
    all = all.filter { $0.text.lowercased().hasPrefix(current.lowercased()) }
    // A word that is complete needs no list, unless it begins others.
    guard !all.isEmpty, !(all.count == 1 && all[0].text == current) else { return nil }
    self.init(prefix: String(text.dropLast(current.count)), candidates: all)
  }
}
