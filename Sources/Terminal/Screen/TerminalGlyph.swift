import CTerminal

/// A cell's glyph for ncurses: each scalar is checked against the C library's widths, which ncurses uses, so
/// that its count of columns and ours agree. Where they differ (an emoji that is newer than the C library),
/// the replacement character stands in.
struct TerminalGlyph {
  /// The text for the first column.
  var text: GlyphText
  /// Columns taken, at least 1.
  var width: Int
  /// Whether the second column is blank because the text is only one column wide.
  var isNarrower = false

  init(_ glyph: GlyphText, columnsLeft: Int) {
    (text, width) = (glyph, 1)
    if glyph.isPlain { return }
    guard !glyph.isEmpty, let base = Unicode.Scalar(glyph[0]) else {
      // The second half of a wide character whose first half is gone, or an empty string that was set.
      text = " "
      return
    }
    if case .cells(let ours) = ScalarWidth(base) { width = ours }
    if width > columnsLeft {
      (text, width) = (" ", 1)
    } else if Int(ct_scalar_width(base.value)) != width {
      text = "\u{FFFD}"
      isNarrower = width > 1
    } else {
      text = GlyphText(base)
      for place in 1..<max(1, glyph.count) where ct_scalar_width(glyph[place]) == 0 {
        if text.count <= Glyph.maximalMarks, let mark = Unicode.Scalar(glyph[place]) { text.append(mark) }
      }
    }
  }
}

extension CellGrid {
  /// The columns of a row that differ from those of the grid before; nil if none do. Starts at the first half
  /// of a wide character.
  func changes(from before: CellGrid?, row: Int, width: Int) -> Range<Int>? {
    let columns = 0..<min(size.width, width)
    guard let before, before.size == size else { return columns.isEmpty ? nil : columns }
    guard var first = columns.first(where: { self[$0, row] != before[$0, row] }),
      let last = columns.last(where: { self[$0, row] != before[$0, row] })
    else { return nil }
    while first > 0, self[first, row].glyph.isEmpty { first -= 1 }
    return first..<last + 1
  }
}

extension Rect {
  init(size: Size) {
    self.init(x: 0, y: 0, width: size.width, height: size.height)
  }
}
