import Terminal

/// The line that readline edits, as it told it last.
struct InputMirror: Sendable, Hashable {
  var text: String
  /// Place of the cursor, in UTF-8 bytes from the start.
  var cursor: Int
  /// The question that readline asks in place of `›`, as while it searches the history.
  var prompt: String?

  init(text: String = "", cursor: Int = 0, prompt: String? = nil) {
    self.text = text
    self.cursor = cursor
    self.prompt = prompt
  }

  /// Before the text.
  var shownPrompt: String { prompt ?? "› " }

  /// Bytes before the cursor, and as many after it, that are laid out; more than the widest screen shows.
  private static let window = 8192

  /// The text in rows of `width` cells, and where the cursor is among them. Of a very long text only the part
  /// around the cursor is laid out: no more can be seen.
  func layout(width: Int) -> EditorLayout {
    var text = text
    var offset = min(cursor, text.utf8.count)
    if text.utf8.count > 2 * Self.window {
      let start = text.unicodeScalars[
        ..<text.utf8.index(text.startIndex, offsetBy: max(0, offset - Self.window))
      ].endIndex
      offset -= text.utf8.distance(from: text.startIndex, to: start)
      text = String(text[start...].unicodeScalars.prefix(2 * Self.window))
    }
    let cursor = text.utf8.index(text.startIndex, offsetBy: min(offset, text.utf8.count))
    return EditorLayout(prompt: shownPrompt, text: text, cursor: cursor, width: width)
  }

  /// Rows that the text needs.
  func rows(width: Int) -> Int { text.isEmpty ? 1 : layout(width: width).rows.count }
}
