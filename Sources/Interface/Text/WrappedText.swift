import IO
import Terminal

/// A text wrapped into rows that keeps up with a stream: appending wraps only the line that is still open.
struct WrappedText: Sendable, Hashable {
  let width: Int
  private(set) var rows: [Line] = []
  /// The line that may still grow; its rows are the last ones.
  private var open = ""
  private var openRow = 0
  private var isCode = false

  /// `text` is sanitised here: nothing that a model or a file says reaches the screen unfiltered.
  init(_ text: some StringProtocol, width: Int) {
    self.width = max(1, width)
    append(text)
  }

  mutating func append(_ text: some StringProtocol) {
    rows.removeSubrange(openRow...)
    // Tab stops count from the edge of the text, which ornaments and indents move; spaces stay what they are.
    let text = text.sanitized
    var lines = (open + (text.utf8.contains(UInt8(ascii: "\t")) ? text.replacing("\t", with: "    ") : text))
      .split(separator: "\n", omittingEmptySubsequences: false)[...]
    let last = lines.popLast() ?? ""
    for line in lines {
      let block = Markdown.block(String(line), isCode: &isCode)
      wrap(block)
    }
    open = String(last)
    openRow = rows.count
    // A fence takes effect once its line is complete.
    var ahead = isCode
    wrap(Markdown.block(open, isCode: &ahead))
  }

  private mutating func wrap(_ block: Markdown.Block) {
    let indent = block.marker.width
    let margin = block.margin.width
    // Where the ornaments leave no room they go, and the text stays.
    guard width - indent - margin >= min(8, width) else {
      rows += (block.marker + block.content).wrapped(width: width)
      return
    }
    for (index, row) in block.content.wrapped(width: width - indent - margin).enumerated() {
      let marker = index == 0 || indent == 0 ? block.marker : [Span(String(repeating: " ", count: indent))]
      rows.append(block.margin + marker + row)
    }
  }
}

extension Line {
  /// The rows of the line when it may be `width` cells wide; one empty row for an empty line.
  func wrapped(width: Int) -> [Line] {
    let text = plainText
    var rest = self[...]
    var taken = 0  // UTF-8 bytes of the first span of `rest` that earlier rows hold
    var position = 0
    return text.wrapped(width: width).map { slice in
      let start = text.utf8.distance(from: text.startIndex, to: slice.startIndex)
      let end = start + slice.utf8.count
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
      return row
    }
  }
}
