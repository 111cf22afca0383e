import IO
import Markdown
import Terminal

/// A text wrapped into rows that keeps up with a stream: appending lays out only what may still change.
struct WrappedText: Sendable, Hashable {
  let width: Int
  private(set) var rows: [TextRow] = []
  private var reader: MarkdownReader
  /// The first row of what may still change.
  private var openRow = 0
  /// The layout of what does not change any more, which the next rows go on with.
  private var layout: MarkdownLayout
  /// The last line of a text that is shown as it was written, and where it begins, in UTF-8 bytes; nil for Markdown.
  private var openLine: OpenLine?

  private struct OpenLine: Sendable, Hashable {
    var text = ""
    var start = 0
  }

  /// A text in Markdown. It is sanitised here: nothing that a model or a file says reaches the screen unfiltered.
  init(_ text: some StringProtocol, width: Int) {
    self.init(width: width, definitions: [:])
    append(text)
    settle(text)
  }

  /// A text that is shown as it was written, as what people type is.
  init(verbatim text: some StringProtocol, width: Int) {
    self.init(width: width, definitions: [:])
    openLine = OpenLine()
    append(text)
  }

  /// A text as it is shown where it is shown as it was written: it means the same wherever it is cut.
  static func shown(_ text: some StringProtocol) -> String { MarkdownLayout.withoutTabs(text.sanitized) }

  private init(width: Int, definitions: [String: String]) {
    self.width = max(1, width)
    reader = MarkdownReader(definitions: definitions)
    layout = MarkdownLayout(width: self.width)
  }

  /// Whether there is nothing to be seen.
  var isEmpty: Bool { rows.isEmpty || rows.count == 1 && rows[0].line.isEmpty }

  /// Takes in more of a text.
  mutating func append(_ text: some StringProtocol) {
    if openLine != nil { return appendLines(Self.shown(text)) }
    rows.removeSubrange(openRow...)
    let closed = reader.append(text.sanitized)
    layout.add(closed, to: &rows)
    openRow = rows.count
    // A copy, which is forgotten with its rows.
    var layout = layout
    layout.add(reader.open, to: &rows)
    if rows.isEmpty { rows = [TextRow(line: [])] }
  }

  private mutating func appendLines(_ text: String) {
    var line = openLine ?? OpenLine()
    rows.removeSubrange(openRow...)
    for (index, part) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if index > 0 { line = OpenLine(start: line.start + line.text.utf8.count + 1) }
      line.text += part
      openRow = rows.count
      layout.addVerbatim(line: line.text, from: line.start, to: &rows)
    }
    openLine = line
  }

  /// Makes links of those that stand before their definition, once the whole `text` is there.
  mutating func settle(_ text: some StringProtocol) {
    guard let definitions = reader.lateDefinitions else { return }
    self = WrappedText(width: width, definitions: definitions)
    append(text)
  }
}
