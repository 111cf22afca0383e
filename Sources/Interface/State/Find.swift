import Inference

/// A search in the conversation.
struct Find: Sendable, Hashable {
  /// As it was typed.
  let text: String
  /// What is compared; without regard to case, unless there are capitals in it.
  private let scalars: [Unicode.Scalar]
  private let hasCapitals: Bool
  /// The match that the reader is at; nil for none.
  var here: Match?

  /// A place in a message: it begins in a row of its text.
  struct Match: Sendable, Hashable {
    /// The node of the conversation, and the part of what it says.
    var node: Int
    var part = AnswerPart.content
    var row: Int
    /// The cells in that row and, where it goes on, in those after it.
    var cells: [Range<Int>]
  }

  init(_ text: String) {
    self.text = text
    hasCapitals = text.unicodeScalars.contains { $0.properties.isUppercase }
    scalars = Self.folded(text, hasCapitals)
  }

  /// One scalar for each of the text, so that places stay the same.
  private static func folded(_ text: String, _ keepsCase: Bool) -> [Unicode.Scalar] {
    text.unicodeScalars.map { scalar in
      if keepsCase { return scalar }
      if scalar.isASCII {
        return (0x41...0x5A).contains(scalar.value) ? Unicode.Scalar(scalar.value | 0x20)! : scalar
      }
      return scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
    }
  }

  /// The matches of a message that begin in lines of which some of `range` are rows.
  func matches(
    in rows: [TextRow], of node: Int, _ part: AnswerPart = .content, rows range: Range<Int>
  ) -> [Match] {
    var matches: [Match] = []
    var start = range.clamped(to: rows.indices).lowerBound
    while start > 0, start < rows.count, rows[start].join != .line { start -= 1 }
    while start < min(range.upperBound, rows.count) {
      var end = start + 1
      while end < rows.count, rows[end].join != .line { end += 1 }
      if !rows[start].isOrnament { matches += self.matches(in: rows, start..<end, node, part) }
      start = end
    }
    return matches
  }

  /// The matches of a line, which lies in some rows.
  private func matches(in rows: [TextRow], _ line: Range<Int>, _ node: Int, _ part: AnswerPart) -> [Match] {
    var text: [Unicode.Scalar] = []
    /// The scalar that each row begins with.
    var starts: [Int] = []
    for row in line {
      if row > line.lowerBound, rows[row].join == .space { text.append(" ") }
      starts.append(text.count)
      text += Self.folded(rows[row].text(0..<Int.max), hasCapitals)
    }
    var matches: [Match] = []
    var place = 0
    while place + scalars.count <= text.count {
      guard text[place..<(place + scalars.count)].elementsEqual(scalars) else {
        place += 1
        continue
      }
      let end = place + scalars.count
      let first = starts.lastIndex { $0 <= place } ?? 0
      var match = Match(node: node, part: part, row: line.lowerBound + first, cells: [])
      for index in first..<starts.count where starts[index] < end {
        let row = rows[line.lowerBound + index]
        match.cells.append(Self.cells(of: row, max(0, place - starts[index])..<(end - starts[index])))
      }
      matches.append(match)
      place = end
    }
    return matches
  }

  /// The cells of some scalars of a row, ornaments not counted.
  private static func cells(of row: TextRow, _ scalars: Range<Int>) -> Range<Int> {
    let text = row.text(0..<Int.max).unicodeScalars
    let start = row.margin + String(text.prefix(scalars.lowerBound)).cellWidth
    return start..<max(start, row.margin + String(text.prefix(scalars.upperBound)).cellWidth)
  }
}

extension ChatDocument {
  /// All matches, from the first message to the last, in thoughts that are folded too.
  func matches(of find: Find) -> [Find.Match] {
    entries.flatMap { entry in
      AnswerPart.allCases.flatMap { part in
        let rows = entry.rows(of: part.place)
        return find.matches(in: rows, of: entry.node, part, rows: rows.indices)
      }
    }
  }

  /// The row of the document that a match begins in; that of the line of its thought where that is folded;
  /// nil if its message is not shown.
  func row(of match: Find.Match) -> Int? {
    guard let entry = entries.firstIndex(where: { $0.node == match.node }) else { return nil }
    let isFolded = match.part == .reasoning && !entries[entry].isUnfolded
    return firstRow(of: entry)
      + (isFolded
        ? entries[entry].start(of: .thoughtLine) : entries[entry].start(of: match.part.place) + match.row)
  }

  /// Shows the row of a match, and its thought if it is in one.
  mutating func reveal(_ match: Find.Match) {
    if match.part == .reasoning, let entry = entries.firstIndex(where: { $0.node == match.node }),
      isUnfolded(entry) == false
    {
      toggleThought(of: entry)
    }
    if let row = row(of: match) { reveal(row) }
  }
}

extension AnswerPart {
  /// In the order of the conversation.
  static let allCases: [AnswerPart] = [.reasoning, .content]

  /// Where it stands in the Chat pane.
  var place: ChatEntry.Part { self == .reasoning ? .thought : .text }
}
