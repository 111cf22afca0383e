import Inference

/// A message of the conversation as rows of text.
struct ChatEntry: Sendable {
  /// The node of the conversation.
  var node: Int
  var text: WrappedText
  /// What was thought before the text, in rows that leave room for the bar beside them; nil for nothing.
  var thought: WrappedText?
  /// Whether the rows of the thought are shown. The line that stands for it is so in any case.
  var isUnfolded = false
  /// The tokens of both, where they are shown as they were written; nil elsewhere.
  var tokens: Tokens?

  struct Tokens: Sendable {
    var text = TokenText()
    var thought = TokenText()

    subscript(part: AnswerPart) -> TokenText {
      get { part == .reasoning ? thought : text }
      set { if part == .reasoning { thought = newValue } else { text = newValue } }
    }
  }

  /// The parts, from above.
  enum Part: Int, CaseIterable {
    /// Says who said it.
    case caption
    /// Stands for the thought.
    case thoughtLine
    case thought
    case text
    /// Empty rows: one at the end, and one between a thought that is shown and the text.
    case blank
  }

  static let bar = "│ "

  /// A thought, wrapped for an entry of a width.
  static func thought(_ text: String, width: Int, isVerbatim: Bool = false) -> WrappedText {
    let width = max(1, width - bar.cellWidth)
    return isVerbatim ? WrappedText(verbatim: text, width: width) : WrappedText(text, width: width)
  }

  /// Whether there is a thought and nothing after it.
  var isAllThought: Bool { thought != nil && text.isEmpty }

  var rowCount: Int {
    2 + count(of: .thoughtLine) + count(of: .thought) + (hasGap ? 1 : 0) + count(of: .text)
  }

  /// Rows of a part.
  func count(of part: Part) -> Int {
    switch part {
    case .caption, .blank: 1
    case .thoughtLine: thought == nil ? 0 : 1
    case .thought: isUnfolded ? thought?.rows.count ?? 0 : 0
    case .text: isAllThought ? 0 : text.rows.count
    }
  }

  /// Whether an empty row follows the thought.
  private var hasGap: Bool { isUnfolded && count(of: .thought) > 0 && count(of: .text) > 0 }

  /// The row of the entry that a part begins in.
  func start(of part: Part) -> Int {
    var row = 0
    for before in Part.allCases where before.rawValue < part.rawValue { row += count(of: before) }
    return row + (part.rawValue >= Part.text.rawValue && hasGap ? 1 : 0)
  }

  /// The part that a row belongs to, and its place in that.
  func place(_ row: Int) -> (part: Part, row: Int) {
    for part in [Part.caption, .thoughtLine, .thought, .text] {
      let place = row - start(of: part)
      if (0..<count(of: part)).contains(place) { return (part, place) }
    }
    return (.blank, 0)
  }

  /// The wrapped rows of a part that has any.
  func rows(of part: Part) -> [TextRow] {
    switch part {
    case .thought: thought?.rows ?? []
    case .text: text.rows
    case .caption, .thoughtLine, .blank: []
    }
  }

  /// A row of the thought as it is shown: dimmed, beside a bar.
  func thoughtRow(_ index: Int) -> TextRow {
    guard var row = thought?.rows[index] else { return TextRow(line: []) }
    row.line =
      [Span(Self.bar, .faint)] + row.line.map { Span($0.text, $0.element == .faint ? .faint : .thought) }
    row.margin += Self.bar.cellWidth
    return row
  }
}

/// Which thoughts are shown whole.
struct ThoughtFolds: Sendable, Hashable {
  /// Whether all are; else those that no text follows, since it is still to come or never came.
  var all = false
  /// By the node of the conversation: what was chosen for one.
  var chosen: [Int: Bool] = [:]

  func isUnfolded(_ entry: ChatEntry) -> Bool {
    entry.thought != nil && (chosen[entry.node] ?? (all || entry.text.isEmpty))
  }
}
