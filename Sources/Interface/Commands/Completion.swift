/// What may complete the command that is being typed, as a list above the input line.
struct Completion: Sendable, Hashable {
  /// What stands before the word that is completed.
  var prefix: String
  var candidates: [Command.Candidate]
  private(set) var selected = 0
  /// Whether the list was moved in; Enter then takes what is selected.
  private(set) var wasMoved = false

  /// nil if no command is being typed, the cursor is inside it, or nothing fits.
  init?(for state: AppState) {
    let text = state.input.text
    guard text.first == "/", state.input.cursor == text.utf8.count, !text.contains("\n") else { return nil }
    var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    let current = text.last?.isWhitespace == true ? "" : words.removeLast()
    prefix = String(text.dropLast(current.count))
    var all: [Command.Candidate]
    if words.isEmpty {
      all = Command.all.map { Command.Candidate("/" + $0.name, $0.summary) }
    } else {
      guard let command = Command.named(String(words[0].dropFirst())) else { return nil }
      all = command.candidates(state, Array(words.dropFirst()))
    }
    all = all.filter { $0.text.lowercased().hasPrefix(current.lowercased()) }
    // A word that is complete needs no list, unless it begins others.
    guard !all.isEmpty, !(all.count == 1 && all[0].text == current) else { return nil }
    candidates = all
  }

  /// The line with the selected candidate, ready for the next word.
  var accepted: String { prefix + candidates[selected].text + " " }

  mutating func move(by step: Int) {
    selected = (selected + step + candidates.count) % candidates.count
    wasMoved = true
  }
}
