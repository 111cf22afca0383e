/// The line laid out in cells.
public struct EditorLayout: Equatable, Sendable {
  /// The rows, at least one; each fits into the width.
  public var rows: [String]
  /// The place of the terminal's cursor, (0, 0) at the start of the first row.
  public var cursor: Point
}

extension LineEditor {
  /// The prompt and the text in rows of `width` cells, broken at newlines, between words, and inside words that
  /// are longer than a row; rows after the first start below the text. `prompt` comes first unless readline has a prompt of its own.
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
    var wrap = Wrap(prompt: prompt, margin: margin, width: width)
    var scanner = GlyphScanner(text[...])
    while let glyph = scanner.next(column: wrap.column - margin) {
      wrap.make(roomFor: glyph)
      if glyph.start >= target { wrap.placeCursor() }
      wrap.add(glyph)
    }
    // After a full row the cursor is where the next character will be.
    if wrap.cursor == nil, wrap.column >= width { wrap.breakRow() }
    wrap.placeCursor()
    rows = wrap.rows
    self.cursor = wrap.cursor ?? Point(x: margin, y: 0)
  }

  /// The rows so far.
  private struct Wrap {
    var rows: [String]
    var column: Int
    var cursor: Point?
    let margin, width: Int
    /// After the last space of the row: bytes of the row and cells up to there.
    private var space: (bytes: Int, column: Int)?

    init(prompt: String, margin: Int, width: Int) {
      rows = [prompt]
      column = margin
      self.margin = margin
      self.width = width
    }

    mutating func placeCursor() {
      cursor = cursor ?? Point(x: min(column, width - 1), y: rows.count - 1)
    }

    mutating func breakRow() {
      rows.append(String(repeating: " ", count: margin))
      column = margin
      space = nil
    }

    /// Breaks a row that a glyph finds full: after its last space, else here. Spaces hang over the edge.
    mutating func make(roomFor glyph: Glyph) {
      guard glyph.width > 0, column + glyph.width > width, !glyph.isSpace else { return }
      // Ideographs need no space to break at.
      guard let space, glyph.width == 1 else { return breakRow() }
      let row = rows.count - 1
      let word = String(decoding: rows[row].utf8.dropFirst(space.bytes), as: UTF8.self)
      rows[row] = String(decoding: rows[row].utf8.prefix(space.bytes), as: UTF8.self)
      let wordColumn = space.column, wordWidth = column - space.column
      breakRow()
      rows[row + 1] += word
      column += wordWidth
      if let place = cursor, place.y == row, place.x >= wordColumn {
        cursor = Point(x: min(margin + place.x - wordColumn, width - 1), y: row + 1)
      }
    }

    mutating func add(_ glyph: Glyph) {
      if glyph.base == "\n" { return breakRow() }
      let isHanging = glyph.isSpace && column + glyph.width > width
      if !isHanging {
        rows[rows.count - 1] += glyph.text.string
        column += glyph.width
      }
      if glyph.isSpace { space = (rows[rows.count - 1].utf8.count, column) }
    }
  }
}

extension Glyph {
  fileprivate var isSpace: Bool { base == " " || base == "\t" }
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
