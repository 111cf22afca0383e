/// The conversation as rows of text: what the Chat pane scrolls through.
///
/// Rows are wrapped once and kept; a token that arrives wraps the last line only, so that answers of any
/// length stream at the same cost.
struct ChatDocument: Sendable {
  struct Entry: Sendable {
    /// The node of the conversation.
    var node: Int
    var text: WrappedText

    /// A caption that says who said it, the text and an empty row.
    var rowCount: Int { text.rows.count + 2 }
  }

  private(set) var entries: [Entry] = []
  private(set) var width = 80
  /// The first row on the screen; nil follows the end.
  private(set) var top: Int?
  /// The text at the top when the reader last scrolled; resizing keeps it there.
  private var anchor = Anchor(entry: 0, characters: 0)
  /// Rows on the screen.
  private var height = 24
  /// The entry that keys act on.
  private(set) var selected: Int?

  init() {}

  var rowCount: Int { entries.reduce(0) { $0 + $1.rowCount } }

  /// The row at the top of the screen, whether it follows or not.
  var firstVisibleRow: Int { min(top ?? .max, lastTop) }
  var isFollowing: Bool { top == nil }
  /// Rows below the screen.
  var rowsBelow: Int { lastTop - firstVisibleRow }

  /// The last row of an entry is empty, so the document ends one row before its end.
  private var lastTop: Int { max(0, rowCount - 1 - height) }

  // MARK: Content

  mutating func replace(with entries: [Entry]) {
    self.entries = entries
    selected = selected.flatMap { $0 < entries.count ? $0 : nil }
    clampTop()
  }

  mutating func append(_ entry: Entry) {
    entries.append(entry)
    top = nil
    selected = nil
  }

  /// The message `node` is whole; `text` is what it says.
  mutating func settle(_ text: String, of node: Int) {
    guard let index = entries.lastIndex(where: { $0.node == node }) else { return }
    entries[index].text.settle(text)
  }

  /// More of the message `node`, if it is on the branch shown.
  mutating func append(_ text: String, to node: Int) {
    guard let index = entries.lastIndex(where: { $0.node == node }) else { return }
    entries[index].text.append(text)
  }

  // MARK: Scrolling

  /// The pane has another size: if it is another width, `texts` gives the entries' texts to wrap anew, and
  /// what was at the top stays there.
  mutating func resize(width: Int, height: Int, texts: (Int, _ width: Int) -> WrappedText) {
    self.height = max(1, height)
    guard max(1, width) != self.width else { return clampTop() }
    self.width = max(1, width)
    for index in entries.indices { entries[index].text = texts(index, self.width) }
    if top != nil { top = row(of: anchor) }
    clampTop()
  }

  /// Scrolls by rows, down if positive; reaching the end follows it again.
  mutating func scroll(by rows: Int) {
    let target = firstVisibleRow + rows
    top = target >= lastTop ? nil : max(0, target)
    if let top { anchor = anchor(at: top) }
  }

  /// Shows a row, a third down the screen where it was not on it.
  mutating func reveal(_ row: Int) {
    guard !(firstVisibleRow..<firstVisibleRow + height).contains(row) else { return }
    scroll(by: max(0, row - height / 3) - firstVisibleRow)
  }

  private mutating func clampTop() {
    if let top, top >= lastTop { self.top = nil }
  }

  mutating func scrollPage(by pages: Int) { scroll(by: pages * max(1, height - 2)) }
  mutating func scrollToStart() { scroll(by: -rowCount) }
  mutating func scrollToEnd() { top = nil }

  /// Selects the entry `step` places from the selected one (the last, if none is) and shows it.
  mutating func select(step: Int) {
    guard !entries.isEmpty else { return }
    let next = selected.map { $0 + step } ?? entries.count - 1
    selected = min(entries.count - 1, max(0, next))
    showSelected()
  }

  mutating func select(_ entry: Int?) {
    selected = entry.flatMap { entries.indices.contains($0) ? $0 : nil }
    showSelected()
  }

  private mutating func showSelected() {
    guard let selected else { return }
    let start = entries[..<selected].reduce(0) { $0 + $1.rowCount }
    let end = start + entries[selected].rowCount - 1
    if start < firstVisibleRow {
      scroll(by: start - firstVisibleRow)
    } else if end > firstVisibleRow + height {
      scroll(by: min(start, end - height) - firstVisibleRow)
    }
  }

  // MARK: Anchors

  /// A place in what was said, whatever the width: so many characters into an entry, spaces not counted.
  private struct Anchor {
    var entry: Int
    var characters: Int
  }

  private func anchor(at row: Int) -> Anchor {
    var start = 0
    for (index, entry) in entries.enumerated() {
      if row < start + entry.rowCount {
        // The caption is before the text.
        let above = entry.text.rows.prefix(max(0, row - start - 1))
        return Anchor(
          entry: index, characters: row == start ? -1 : above.reduce(0) { $0 + $1.line.characterCount })
      }
      start += entry.rowCount
    }
    return Anchor(entry: 0, characters: 0)
  }

  /// The row that holds an anchor.
  private func row(of anchor: Anchor) -> Int {
    let start = entries.prefix(anchor.entry).reduce(0) { $0 + $1.rowCount }
    guard anchor.characters >= 0, entries.indices.contains(anchor.entry) else { return start }
    var result = start + 1
    var characters = 0
    for row in entries[anchor.entry].text.rows {
      characters += row.line.characterCount
      if characters > anchor.characters { break }
      result += 1
    }
    return result
  }

  // MARK: Reading

  enum Row {
    case caption(entry: Int)
    case text(TextRow, entry: Int, isLast: Bool)
    case blank
  }

  /// `count` rows from `first` on; costs no more than the entries before them and the rows themselves.
  func rows(from first: Int, count: Int) -> [Row] {
    var rows: [Row] = []
    var start = 0
    for (index, entry) in entries.enumerated() {
      let end = start + entry.rowCount
      var row = max(first, start)
      while row < min(end, first + count) {
        let place = row - start
        rows.append(
          place == 0
            ? .caption(entry: index)
            : place <= entry.text.rows.count
              ? .text(entry.text.rows[place - 1], entry: index, isLast: place == entry.text.rows.count)
              : .blank)
        row += 1
      }
      start = end
      if start >= first + count { break }
    }
    return rows
  }
}

extension Line {
  /// Characters of the row that do not change with the width: neither spaces nor ornaments.
  fileprivate var characterCount: Int {
    reduce(0) { $0 + ($1.element == .faint ? 0 : $1.text.unicodeScalars.count { $0 != " " }) }
  }
}
