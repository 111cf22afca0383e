/// What is looked for in the help.
struct HelpSearch: Sendable, Hashable {
  private(set) var text = ""
  /// Whether keys go to the text.
  private(set) var isTyping = false

  /// Whether a row with this text is to be seen: each word occurs in it, whatever the case.
  func matches(_ row: String) -> Bool {
    let row = row.lowercased()
    return text.lowercased().split(separator: " ").allSatisfy { row.contains($0) }
  }

  mutating func begin() { isTyping = true }
  mutating func end() { isTyping = false }

  mutating func type(_ character: Character) {
    if text.count < 60 { text.append(character) }
  }

  mutating func erase() {
    if text.popLast() == nil { isTyping = false }
  }
}
