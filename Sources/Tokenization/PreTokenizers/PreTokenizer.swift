/// Cuts text into the words inside which byte-pair encoding merges. Each pattern in turn cuts the pieces
/// that those before it left: its matches become pieces, and so does what lies between them.
struct PreTokenizer: Sendable {
  let patterns: [SplitPattern]
  /// A word that is a token of the vocabulary stands for itself, whatever merging would make of it.
  var keepsWholeWords = false
  /// Whether text is brought to Normalization Form C first.
  var composes = false
  /// Whether the model begins a text with BOS when the metadata does not say.
  var addsBOS = false

  /// Calls `body` with the range of each word, in order; together they are the whole text.
  func forEachWord(in text: TextScanner, _ body: (Range<Int>) -> Void) {
    split(text, text.start..<text.end, patterns[...], body)
  }

  private func split(
    _ text: TextScanner, _ range: Range<Int>, _ patterns: ArraySlice<SplitPattern>,
    _ body: (Range<Int>) -> Void
  ) {
    guard let pattern = patterns.first else { return body(range) }
    let rest = patterns.dropFirst()
    var piece = text
    piece.start = range.lowerBound
    piece.end = range.upperBound
    var start = range.lowerBound
    var position = start
    while position < range.upperBound {
      let stop = pattern.matchEnd(piece, position)
      if stop == position {
        position = piece.scalar(at: position).next
        continue
      }
      if start < position { split(text, start..<position, rest, body) }
      split(text, position..<stop, rest, body)
      position = stop
      start = stop
    }
    if start < position { split(text, start..<position, rest, body) }
  }
}
