/// The words that may complete the command that is being typed, as a list above the input line.
struct Completion: Sendable, Hashable {
  /// The line before the word that is completed.
  let prefix: String
  /// At least one.
  let candidates: [Candidate]
  private(set) var selected = 0
  /// Whether the list was moved in; Enter then takes the selected one.
  private(set) var wasMoved = false

  init(prefix: String, candidates: [Candidate]) {
    self.prefix = prefix
    self.candidates = candidates
  }

  /// The line with the selected candidate, ready for the next word, or for what is in a folder.
  var accepted: String {
    let text = candidates[selected].text
    return prefix + text + (text.hasSuffix("/") ? "" : " ")
  }

  mutating func move(by step: Int) {
    selected = (selected + step + candidates.count) % candidates.count
    wasMoved = true
  }
}
