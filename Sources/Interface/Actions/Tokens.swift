import Engine
import IO
import Inference
import Sessions

/// Words that are shaded, and the cursor that walks through the tokens of an answer.
extension AppState {
  // MARK: Shading

  /// Shades the words of answers by a figure; nil by none.
  mutating func shade(by shade: TokenShade?) {
    tokenShade = shade
    if shade != nil, !session.conversation.path().contains(where: { $0.answer?.records.isEmpty == false }) {
      say("no answer here has a record of its tokens yet: those to come will")
    } else {
      say(
        shade.map { "words are shaded by \($0.rawValue): brighter where the model was less sure" }
          ?? "no shades")
    }
  }

  mutating func cycleShade() { shade(by: TokenShade.next(after: tokenShade)) }

  /// Notes the texts of the newest tokens of an answer.
  mutating func note(_ tokens: [AnswerToken], of id: Int) {
    guard chat.showsTokens, let answer = session.conversation[id]?.answer, answer.hasRecords else { return }
    let first = answer.tokenIDs.count - tokens.count
    for (index, token) in tokens.enumerated() {
      chat.note(token.text, token: first + index, token.part, of: id)
    }
  }

  // MARK: The cursor

  /// Looks at the tokens of the selected answer, or of the last one.
  mutating func openTokens() -> [Effect] {
    let chosen = chat.selected.flatMap { chat.entries.indices.contains($0) ? chat.entries[$0].node : nil }
    let answers = session.conversation.path().filter { $0.answer?.records.isEmpty == false }
    guard let node = answers.last(where: { $0.id == chosen }) ?? answers.last, let answer = node.answer else {
      say(
        session.conversation.path().contains { $0.answer != nil }
          ? "this answer has no record of its tokens: an older program wrote it; a rerun has one"
          : "there is no answer yet whose tokens could be looked at")
      return []
    }
    // Where a thought is folded, the content comes first.
    let first = answer.records.firstIndex { $0.part == .content && $0.bytes > 0 }
    look(at: first ?? 0, of: node.id)
    return []
  }

  /// Puts the cursor on a token.
  mutating func look(at token: Int, of node: Int) {
    guard let records = session.conversation[node]?.answer?.records, !records.isEmpty else { return }
    let token = min(max(0, token), records.count - 1)
    let rank = records[token].draw?.figures?.rank ?? 1
    let kept = draw(of: token, in: node)?.candidates.count ?? 0
    focus(on: .chat)
    tokenCursor = TokenCursor(
      node: node, token: token, candidate: rank <= kept ? rank - 1 : 0, other: tokenCursor?.other)
    if records[token].part == .reasoning, let entry = chat.entries.firstIndex(where: { $0.node == node }),
      chat.isUnfolded(entry) == false
    {
      chat.toggleThought(of: entry)
    }
  }

  mutating func moveToken(by step: Int) {
    guard let cursor = tokenCursor else { return }
    let (target, overflow) = cursor.token.addingReportingOverflow(step)
    look(at: overflow ? (step > 0 ? .max : 0) : target, of: cursor.node)
  }

  /// Goes to the next token of which the model was less sure than of nine in ten.
  mutating func moveToSurprise(by step: Int) {
    guard let cursor = tokenCursor, let records = session.conversation[cursor.node]?.answer?.records else {
      return
    }
    var token = cursor.token + step
    while records.indices.contains(token) {
      if let figures = records[token].draw?.figures, figures.logProbability < -2.3 {
        return look(at: token, of: cursor.node)
      }
      token += step
    }
    say("no surprising token (below 10 %) \(step > 0 ? "after" : "before") this one")
  }

  /// Goes to the token above or below.
  mutating func moveToken(rows: Int) {
    guard let cursor = tokenCursor, let place = place(of: cursor),
      let entry = chat.entries.first(where: {
        $0.node == cursor.node
      }), let tokens = entry.tokens?[place.part]
    else { return }
    let all = entry.rows(of: place.part.place)
    var row = place.row + rows
    while all.indices.contains(row) {
      let stretches = tokens.stretches(of: all[row]).filter { $0.token != TokenText.none }
      let nearest = stretches.last { $0.cells.lowerBound <= place.cells.lowerBound } ?? stretches.first
      if let nearest { return look(at: nearest.token, of: cursor.node) }
      row += rows > 0 ? 1 : -1
    }
    moveToken(by: rows > 0 ? Int.max : Int.min)
  }

  /// Goes to the answer before, or the next one.
  mutating func moveToAnswer(by step: Int) {
    let answers = session.conversation.path().filter { $0.answer?.records.isEmpty == false }
    guard let cursor = tokenCursor, let place = answers.firstIndex(where: { $0.id == cursor.node }),
      answers.indices.contains(place + step)
    else {
      return say(step > 0 ? "this is the last answer" : "this is the first answer")
    }
    look(at: 0, of: answers[place + step].id)
  }

  /// Chooses a candidate.
  mutating func pickCandidate(_ index: (Int, _ count: Int) -> Int) {
    guard var cursor = tokenCursor, let draw = draw(of: cursor.token, in: cursor.node),
      !draw.candidates.isEmpty
    else { return }
    cursor.candidate = min(draw.candidates.count - 1, max(0, index(cursor.candidate, draw.candidates.count)))
    tokenCursor = cursor
  }

  /// Where a token stands: the part of its answer, the row of that, and its cells without margins; nil for a token
  /// without text.
  private func place(of cursor: TokenCursor) -> (part: AnswerPart, row: Int, cells: Range<Int>)? {
    guard let records = session.conversation[cursor.node]?.answer?.records,
      records.indices.contains(cursor.token),
      let entry = chat.entries.first(where: { $0.node == cursor.node }), let tokens = entry.tokens
    else { return nil }
    let part = records[cursor.token].part, rows = entry.rows(of: part.place)
    guard let row = tokens[part].row(of: cursor.token, in: rows) else { return nil }
    let stretch = tokens[part].stretches(of: rows[row]).last { $0.token == cursor.token }
    let end = rows[row].line.width
    return (part, row, stretch?.cells ?? end..<end + 1)
  }

  /// The row of the document and the cells of the token that is looked at; nil where it has none.
  var tokenPlace: (row: Int, cells: Range<Int>)? {
    guard let cursor = tokenCursor, let place = place(of: cursor),
      let index = chat.entries.firstIndex(where: { $0.node == cursor.node })
    else { return nil }
    let entry = chat.entries[index]
    guard entry.count(of: place.part.place) > place.row else { return nil }
    let margin = place.part == .reasoning ? ChatEntry.bar.cellWidth : 0
    return (
      chat.firstRow(of: index) + entry.start(of: place.part.place) + place.row,
      place.cells.lowerBound + margin..<place.cells.upperBound + margin
    )
  }

  /// Scrolls to the token that is looked at.
  mutating func revealToken() {
    if let place = tokenPlace { chat.reveal(place.row) }
  }
}
