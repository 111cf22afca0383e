import CTerminal

/// A cell's text as ncurses can take it: each scalar checked against the C library's widths, by which ncurses
/// goes, so that its idea of the columns and ours never part. Where they differ (an emoji that is newer than
/// the C library), the replacement character stands in.
struct TerminalGlyph {
  /// Columns taken, at least 1.
  var width: Int
  /// What to put into each of them; one part for a wide character.
  var parts: [[UInt32]]

  init(_ text: String, columnsLeft: Int) {
    var scalars = text.unicodeScalars.map(\.value)
    // The second half of a wide character whose first half is gone, or an empty string that was set.
    if scalars.isEmpty { scalars = [0x20] }
    let base = scalars[0]
    if base < 0x7F, base >= 0x20, scalars.count == 1 {
      width = 1
      parts = [scalars]
      return
    }
    let ours = max(1, min(2, text.cellWidth))
    width = ours
    if ours > columnsLeft {
      parts = [[0x20]]
      width = 1
    } else if Int(ct_scalar_width(base)) != ours {
      parts = [[0xFFFD]] + Array(repeating: [0x20], count: ours - 1)
    } else {
      let marks = scalars.dropFirst().filter { ct_scalar_width($0) == 0 }.prefix(Glyph.maximalMarks)
      parts = [[base] + marks]
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
    while first > 0, self[first, row].text.isEmpty { first -= 1 }
    return first..<last + 1
  }
}

extension Rect {
  init(size: Size) {
    self.init(x: 0, y: 0, width: size.width, height: size.height)
  }
}
