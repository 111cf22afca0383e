import IO
import Terminal

/// A text wrapped into rows that keeps up with a stream: appending wraps only the line that is still open.
struct WrappedText: Sendable, Hashable {
  let width: Int
  private(set) var rows: [Line] = []
  /// The line that may still grow; its rows are the last ones.
  private var open = ""
  private var openRow = 0
  /// Whether the open line goes on with a longer one.
  private var isContinued = false
  private var isCode = false

  /// Bytes of a line that are wrapped together: a longer line is cut, so that what is added to it costs the
  /// same however long it is.
  private static let longestLine = 4096

  /// `text` is sanitised here: nothing that a model or a file says reaches the screen unfiltered.
  init(_ text: some StringProtocol, width: Int) {
    self.width = max(1, width)
    append(text)
  }

  mutating func append(_ text: some StringProtocol) {
    rows.removeSubrange(openRow...)
    let text = open + Self.withoutTabs(text.sanitized)
    var rest = text[...]
    while let end = rest.utf8.firstIndex(of: UInt8(ascii: "\n")) {
      wrap(wrapFullParts(of: rest[..<end]))
      isContinued = false
      rest = rest[text.utf8.index(after: end)...]
    }
    rest = wrapFullParts(of: rest)
    open = String(rest)
    openRow = rows.count
    // A fence takes effect once its line is complete.
    let wasCode = isCode
    wrap(rest)
    isCode = wasCode
  }

  /// Wraps the beginning of a line that is too long to be wrapped together, and returns the rest.
  private mutating func wrapFullParts(of line: Substring) -> Substring {
    var rest = line
    while let end = Self.endOfPart(rest) {
      wrap(rest[..<end])
      isContinued = true
      rest = rest[end...]
    }
    return rest
  }

  /// Where to cut a long line: after a space if there is one near; nil for a line that is short enough.
  private static func endOfPart(_ line: Substring) -> String.Index? {
    let bytes = line.utf8
    guard let end = bytes.index(line.startIndex, offsetBy: longestLine, limitedBy: line.endIndex),
      end < line.endIndex
    else { return nil }
    let near = bytes.index(end, offsetBy: -longestLine / 8)
    if let space = bytes[near..<end].lastIndex(of: UInt8(ascii: " ")) { return bytes.index(after: space) }
    var cut = end
    while bytes[cut] & 0xC0 == 0x80 { cut = bytes.index(before: cut) }
    return cut
  }

  /// Wraps a line, or a part of one.
  private mutating func wrap(_ text: Substring) {
    wrap(isContinued ? Markdown.rest(of: text, isCode: isCode) : Markdown.block(text, isCode: &isCode))
  }

  /// Tab stops count from the edge of the text, which ornaments and indents move; spaces stay what they are.
  private static func withoutTabs(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\t")) else { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + text.utf8.count / 4)
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\t") {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 4))
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
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
