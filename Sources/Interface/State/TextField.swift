import Terminal

/// A line of text that an overlay edits by itself, where readline's line is taken by what is typed in the chat.
struct TextField: Sendable, Hashable {
  private(set) var text: String
  /// The place of the cursor, in characters.
  private(set) var cursor: Int

  /// A field with the cursor at the end.
  init(_ text: String = "") {
    self.text = text
    cursor = text.count
  }

  private var place: String.Index { text.index(text.startIndex, offsetBy: cursor) }
  /// The text on either side of the cursor.
  var parts: (before: String, after: String) { (String(text[..<place]), String(text[place...])) }

  /// Inserts what was typed or pasted; line ends become spaces.
  mutating func insert(_ new: String) {
    let line = new.split(whereSeparator: \.isNewline).joined(separator: " ")
    text.insert(contentsOf: line, at: place)
    cursor = min(text.count, cursor + line.count)
  }

  /// Takes a key for editing; false leaves it to others.
  mutating func press(_ chord: KeyChord) -> Bool {
    switch chord {
    case KeyChord(.backspace), .control("h"): delete(from: cursor - 1, to: cursor)
    case KeyChord(.delete): delete(from: cursor, to: cursor + 1)
    case KeyChord(.left): cursor = max(0, cursor - 1)
    case KeyChord(.right): cursor = min(text.count, cursor + 1)
    case KeyChord(.home), .control("a"): cursor = 0
    case KeyChord(.end), .control("e"): cursor = text.count
    case .control("u"): delete(from: 0, to: cursor)
    case .control("k"): delete(from: cursor, to: text.count)
    case .control("w"):
      let word = parts.before.reversed().drop { $0 == " " }.drop { $0 != " " }
      delete(from: word.count, to: cursor)
    default:
      guard case .character(let character) = chord.key, chord.modifiers.isEmpty else { return false }
      insert(String(character))
    }
    return true
  }

  private mutating func delete(from start: Int, to end: Int) {
    guard start >= 0, start < end, end <= text.count else { return }
    text.removeSubrange(
      text.index(text.startIndex, offsetBy: start)..<text.index(text.startIndex, offsetBy: end))
    cursor = start
  }
}
