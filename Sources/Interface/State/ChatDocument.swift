import Inference

/// The conversation as rows of text: what the Chat pane scrolls through.
///
/// Rows are wrapped once and kept; a token that arrives wraps the last line only, so that answers of any
/// length stream at the same cost.
struct ChatDocument: Sendable {
  private(set) var entries: [ChatEntry] = []
  private var folds = ThoughtFolds()
  private(set) var width = 80
  /// The first row on the screen; nil follows the end.
  private(set) var top: Int?
  /// The text at the top when the reader last scrolled; resizing keeps it there.
  private var anchor = Anchor()
  /// Rows on the screen.
  private(set) var height = 24
  /// Whether answers are shown as they were written, with their tokens told apart.
  private(set) var showsTokens = false
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

  mutating func replace(with entries: [ChatEntry]) {
    self.entries = entries
    for index in entries.indices { fold(index) }
    selected = selected.flatMap { $0 < entries.count ? $0 : nil }
    clampTop()
  }

  mutating func append(_ entry: ChatEntry) {
    entries.append(entry)
    fold(entries.count - 1)
    top = nil
    selected = nil
  }

  /// The message `node` is whole; `text` is what it says, and `thought` what was thought before.
  mutating func settle(_ text: String, thought: String, of node: Int) {
    guard let index = entries.lastIndex(where: { $0.node == node }) else { return }
    entries[index].text.settle(text)
    entries[index].thought?.settle(thought)
  }

  /// More of the message `node`, if it is on the branch shown.
  ///
  /// - Parameter isHeld: Whether rows must not move now. A thought folds when the text after it begins, but
  ///   not where it is being read.
  mutating func append(_ text: String, to node: Int, isHeld: Bool = false) {
    guard !text.isEmpty, let index = entries.lastIndex(where: { $0.node == node }) else { return }
    entries[index].text.append(text)
    guard entries[index].isUnfolded, !folds.isUnfolded(entries[index]) else { return }
    if isHeld || isInThought(of: index) {
      folds.chosen[node] = true
    } else {
      fold(index)
      clampTop()
    }
  }

  /// More of the thought before the message `node`.
  mutating func append(thought: String, to node: Int) {
    guard !thought.isEmpty, let index = entries.lastIndex(where: { $0.node == node }) else { return }
    if entries[index].thought == nil {
      entries[index].thought = ChatEntry.thought(
        "", width: width, isVerbatim: entries[index].tokens != nil)
      fold(index)
    }
    entries[index].thought?.append(thought)
  }

  /// Notes a text that was, or will be, appended to the message `node` as that of a token.
  mutating func note(_ text: String, token: Int = TokenText.none, _ part: AnswerPart, of node: Int) {
    guard let index = entries.lastIndex(where: { $0.node == node }) else { return }
    entries[index].tokens?[part].append(text, token: token)
  }

  // MARK: Scrolling

  /// The pane has another size: if it is another width, `anew` gives the entries wrapped anew, and
  /// what was at the top stays there.
  ///
  /// - Parameter showsTokens: Whether answers are shown as they were written.
  mutating func resize(
    width: Int, height: Int, showsTokens: Bool = false, anew: (Int, _ width: Int) -> ChatEntry
  ) {
    self.height = max(1, height)
    guard max(1, width) != self.width || showsTokens != self.showsTokens else { return clampTop() }
    let anchor = self.showsTokens == showsTokens ? anchor : anchor(at: firstVisibleRow)
    self.width = max(1, width)
    self.showsTokens = showsTokens
    for index in entries.indices {
      entries[index] = anew(index, self.width)
      fold(index)
    }
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
    let start = firstRow(of: selected)
    let end = start + entries[selected].rowCount - 1
    if start < firstVisibleRow {
      scroll(by: start - firstVisibleRow)
    } else if end > firstVisibleRow + height {
      scroll(by: min(start, end - height) - firstVisibleRow)
    }
  }

  // MARK: Thoughts

  /// Folds an entry's thought, or unfolds it, as was chosen for it.
  private mutating func fold(_ index: Int) { entries[index].isUnfolded = folds.isUnfolded(entries[index]) }

  /// Whether the reader has scrolled back, and is in an entry's thought.
  private func isInThought(of index: Int) -> Bool {
    guard let top else { return false }
    let place = anchor(at: top)
    return place.entry == index && place.part == .thought
  }

  /// Whether an entry has a thought that is shown; nil where it has none.
  func isUnfolded(_ entry: Int) -> Bool? {
    entries.indices.contains(entry) && entries[entry].thought != nil ? entries[entry].isUnfolded : nil
  }

  /// Folds or unfolds the thought of an entry.
  ///
  /// - Parameter staysInPlace: Whether the line that stands for the thought stays where it is on the screen;
  ///   else it goes up, so that there is room for what is unfolded.
  mutating func toggleThought(of entry: Int, staysInPlace: Bool = false) {
    guard let isUnfolded = isUnfolded(entry) else { return }
    let head = firstRow(of: entry) + 1
    let place = head - firstVisibleRow
    folds.chosen[entries[entry].node] = !isUnfolded
    fold(entry)
    show(row: head, at: staysInPlace ? place : min(max(1, place), height / 3))
  }

  /// Unfolds all thoughts, those to come too; where all are unfolded, folds them. Tells whether they are
  /// unfolded now.
  mutating func toggleAllThoughts() -> Bool {
    let anchor = anchor(at: firstVisibleRow)
    let hasFolded = entries.contains { $0.thought != nil && !$0.isUnfolded }
    folds = ThoughtFolds(all: hasFolded)
    for index in entries.indices { fold(index) }
    if top != nil {
      top = row(of: anchor)
      self.anchor = anchor
      clampTop()
    }
    return hasFolded
  }

  /// Takes back what was chosen, for another conversation.
  mutating func forgetFolds() { folds = ThoughtFolds(all: folds.all) }

  /// Shows a row in a place on the screen, as far as there are rows for that.
  private mutating func show(row: Int, at place: Int) { scroll(by: max(0, row - place) - firstVisibleRow) }

  /// The row of an entry's caption.
  func firstRow(of entry: Int) -> Int { entries[..<entry].reduce(0) { $0 + $1.rowCount } }

  // MARK: Anchors

  /// A place in what was said, whatever the width: so many characters into a part of an entry, spaces not
  /// counted.
  private struct Anchor {
    var entry = 0
    var part = ChatEntry.Part.caption
    var characters = 0
  }

  private func anchor(at row: Int) -> Anchor {
    var start = 0
    for (index, entry) in entries.enumerated() {
      if row < start + entry.rowCount {
        let (part, place) = entry.place(row - start)
        let above = entry.rows(of: part).prefix(place)
        return Anchor(entry: index, part: part, characters: above.reduce(0) { $0 + $1.line.characterCount })
      }
      start += entry.rowCount
    }
    return Anchor()
  }

  /// The row that holds an anchor; that of the line of a thought where the thought is folded.
  private func row(of anchor: Anchor) -> Int {
    guard entries.indices.contains(anchor.entry) else { return 0 }
    let entry = entries[anchor.entry]
    var result = firstRow(of: anchor.entry) + entry.start(of: anchor.part)
    if anchor.part == .thought, !entry.isUnfolded { return result }
    var characters = 0
    for row in entry.rows(of: anchor.part) {
      characters += row.line.characterCount
      if characters > anchor.characters { break }
      result += 1
    }
    return result
  }

  // MARK: Reading

  enum Row {
    case caption(entry: Int)
    /// The line that stands for a thought.
    case thoughtLine(entry: Int)
    case thought(TextRow, entry: Int, isLast: Bool)
    case text(TextRow, entry: Int, isLast: Bool)
    case blank
  }

  /// `count` rows from `first` on; costs no more than the entries before them and the rows themselves.
  func rows(from first: Int, count: Int) -> [Row] {
    var rows: [Row] = []
    var start = 0
    for (index, entry) in entries.enumerated() {
      let end = start + entry.rowCount
      for row in max(first, start)..<max(first, start, min(end, first + count)) {
        let (part, place) = entry.place(row - start)
        switch part {
        case .caption: rows.append(.caption(entry: index))
        case .thoughtLine: rows.append(.thoughtLine(entry: index))
        case .thought:
          rows.append(
            .thought(entry.thoughtRow(place), entry: index, isLast: place == entry.count(of: .thought) - 1))
        case .text:
          rows.append(
            .text(entry.text.rows[place], entry: index, isLast: place == entry.count(of: .text) - 1))
        case .blank: rows.append(.blank)
        }
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
