import Terminal

/// Which bytes of a text belong to which token, where the text is shown as it was written.
struct TokenText: Sendable, Hashable {
  /// The tokens whose texts follow each other, and the byte of the whole after each.
  private var tokens: [Int] = []
  private var ends: [Int] = []

  /// What stands between tokens and belongs to none.
  static let none = -1

  /// Adds the text of a token, as it came.
  mutating func append(_ text: some StringProtocol, token: Int = none) {
    guard !text.isEmpty else { return }
    tokens.append(token)
    ends.append((ends.last ?? 0) + WrappedText.shown(text).utf8.count)
  }

  /// A stretch of a row.
  struct Stretch: Sendable, Hashable {
    var token: Int
    var cells: Range<Int>
  }

  /// The stretches of a row, from its left end.
  func stretches(of row: TextRow) -> [Stretch] {
    let text = Array(row.text(0..<Int.max).utf8)
    var place = row.source, column = row.margin
    var stretches: [Stretch] = []
    var index = firstIndex(endingAfter: place)
    while index < ends.count, place < row.source + text.count {
      let end = min(ends[index], row.source + text.count)
      let piece = String(decoding: text[(place - row.source)..<(end - row.source)], as: UTF8.self)
      stretches.append(Stretch(token: tokens[index], cells: column..<column + piece.cellWidth))
      (place, column) = (end, column + piece.cellWidth)
      index += 1
    }
    return stretches
  }

  /// The row that a token ends in, such as the row of a word whose space is in the row before; nil where it has no
  /// text.
  func row(of token: Int, in rows: [TextRow]) -> Int? {
    guard let index = tokens.firstIndex(of: token) else { return nil }
    let last = ends[index] - 1
    return rows.lastIndex { !$0.isOrnament && $0.source <= last }
  }

  /// The token of a byte of the text.
  func token(at byte: Int) -> Int? {
    let index = firstIndex(endingAfter: byte)
    return tokens.indices.contains(index) && tokens[index] != Self.none ? tokens[index] : nil
  }

  /// The first text that ends after a byte, by halving.
  private func firstIndex(endingAfter byte: Int) -> Int {
    var low = 0, high = ends.count
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > byte { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
