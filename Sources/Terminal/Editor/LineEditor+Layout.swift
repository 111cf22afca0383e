/// The line laid out in cells.
public struct EditorLayout: Equatable, Sendable {
  /// The rows, at least one; each fits into the width.
  public var rows: [String]
  /// The place of the terminal's cursor, (0, 0) at the start of the first row.
  public var cursor: Point
}

extension LineEditor {
  /// The prompt and the text in rows of `width` cells, broken where they are full or at newlines; rows after
  /// the first start below the text. `prompt` comes first unless readline has a prompt of its own.
  public func layout(prompt: String, width: Int) -> EditorLayout {
    let shownPrompt = self.prompt.isEmpty ? prompt : self.prompt
    return EditorLayout(prompt: shownPrompt, text: text, cursor: cursor, width: width)
  }
}

extension EditorLayout {
  /// Lays out a text that an editor held earlier, so that a new width needs no editor.
  public init(prompt: String, text: String, cursor: String.Index, width: Int) {
    let width = max(1, width)
    // A prompt that leaves no room for text is cut to its end, where a search shows its query.
    let room = max(0, width - 2)
    let prompt = prompt.cellWidth <= room ? prompt : prompt.suffix(cells: room)
    let margin = prompt.cellWidth
    let (text, target) = text.withControlPictures(cursor: cursor)
    rows = [prompt]
    self.cursor = Point(x: margin, y: 0)
    var column = margin
    var isCursorPlaced = false
    var scanner = GlyphScanner(text[...])
    while let glyph = scanner.next(column: column - margin) {
      if glyph.width > 0, column + glyph.width > width { breakRow(margin: margin, column: &column) }
      if glyph.start >= target, !isCursorPlaced {
        isCursorPlaced = true
        self.cursor = Point(x: min(column, width - 1), y: rows.count - 1)
      }
      if glyph.base == "\n" {
        breakRow(margin: margin, column: &column)
      } else {
        rows[rows.count - 1] += glyph.text.string
        column += glyph.width
      }
    }
    if !isCursorPlaced {
      // After a full row the cursor is where the next character will be.
      if column >= width { breakRow(margin: margin, column: &column) }
      self.cursor = Point(x: column, y: rows.count - 1)
    }
  }

  private mutating func breakRow(margin: Int, column: inout Int) {
    rows.append(String(repeating: " ", count: margin))
    column = margin
  }
}

extension String {
  /// The text with a picture for each control character (Ctrl-V puts them in) but newline and tab, and the
  /// same place in it.
  fileprivate func withControlPictures(cursor: Index) -> (text: String, cursor: Index) {
    let offset = unicodeScalars.distance(from: startIndex, to: cursor)
    let shown = unicodeScalars.map { scalar -> Unicode.Scalar in
      switch scalar {
      case "\t", "\n": scalar
      case "\u{0}"..<" ": Unicode.Scalar(0x2400 + scalar.value)!
      case "\u{7F}": "\u{2421}"
      default: scalar
      }
    }
    let text = String(String.UnicodeScalarView(shown))
    return (text, text.unicodeScalars.index(text.startIndex, offsetBy: offset))
  }

  /// The end of the text that fits into `cells` cells.
  fileprivate func suffix(cells: Int) -> String {
    var scalars = unicodeScalars[...]
    while Substring(scalars).cellWidth > cells { scalars.removeFirst() }
    return String(scalars)
  }
}
