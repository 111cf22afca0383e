import Terminal

/// A row of a wrapped text, with what is needed to take its text back out of it.
struct TextRow: Sendable, Hashable {
  var line: Line
  /// Cells at the beginning that are ornaments, such as the bar beside code: no part of what was said.
  var margin = 0
  /// Whether nothing of the row was said: the edge of code, a rule.
  var isOrnament = false
  var join = Join.line
  /// Where it begins in a text that is shown as it was written, in UTF-8 bytes.
  var source = 0

  /// How a row follows the one before it in the text.
  enum Join: Sendable, Hashable {
    /// It begins a line.
    case line
    /// It goes on with the line, after a space that the wrapping took away.
    case space
    /// It goes on in the middle of a word.
    case none
  }

  var plainText: String { line.plainText }

  /// The text between two cells of the row, without ornaments.
  func text(_ cells: Range<Int>) -> String {
    guard !isOrnament else { return "" }
    return line.plainText.slice(cells: max(cells.lowerBound, margin)..<max(cells.upperBound, margin))
  }
}

extension TextRow {
  /// What was said in rows that follow each other, from a cell of the first to a cell of the last.
  ///
  /// - Parameter last: The cell after the last.
  static func text(_ rows: [TextRow], from first: Int = 0, to last: Int = .max) -> String {
    var text = ""
    var isFirst = true
    for (index, row) in rows.enumerated() where !row.isOrnament {
      if !isFirst { text += row.join == .line ? "\n" : row.join == .space ? " " : "" }
      isFirst = false
      let start = index == 0 ? first : 0
      text += row.text(start..<max(start, index == rows.count - 1 ? last : .max))
    }
    return text
  }
}

extension Line {
  /// The rows of the line when it may be `width` cells wide; one empty row for an empty line.
  func wrapped(width: Int) -> [Line] { wrappedRows(width: width).map(\.line) }

  /// The rows of the line, how each follows the one before, and where in the line it starts, in UTF-8 bytes.
  func wrappedRows(width: Int) -> [(line: Line, join: TextRow.Join, start: Int)] {
    let text = plainText
    var rest = self[...]
    var taken = 0  // UTF-8 bytes of the first span of `rest` that earlier rows hold
    var position = 0
    return text.wrapped(width: width).map { slice in
      let start = text.utf8.distance(from: text.startIndex, to: slice.startIndex)
      let end = start + slice.utf8.count
      let isFirst = start == 0
      let gap = isFirst ? nil : text.utf8[text.utf8.index(before: slice.startIndex)]
      var row: Line = []
      while position < end, let span = rest.first {
        let left = span.text.utf8.count - taken
        let skip = Swift.min(left, Swift.max(0, start - position))
        let take = Swift.min(left - skip, end - position - skip)
        if take > 0 {
          let utf8 = span.text.utf8
          let from = utf8.index(utf8.startIndex, offsetBy: taken + skip)
          row.append(Span(String(span.text[from..<utf8.index(from, offsetBy: take)]), span.element))
        }
        position += skip + take
        if skip + take == left {
          rest.removeFirst()
          taken = 0
        } else {
          taken += skip + take
        }
      }
      let join: TextRow.Join =
        isFirst || gap == UInt8(ascii: "\n") ? .line : gap == UInt8(ascii: " ") ? .space : .none
      return (row, join, start)
    }
  }
}
