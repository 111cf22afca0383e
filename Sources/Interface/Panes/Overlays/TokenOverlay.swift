import Terminal

/// The token under the cursor that walks through an answer: what else might have come, and why it did not. It leaves
/// the answer in sight.
struct TokenOverlay: OverlayView {
  let name = "token"
  let heading = "Tokens of an answer"
  let otherKeys = OtherKeys.nothing

  let keys: [KeyBinding] = [
    .changing("previous", .keys(.left, "h"), "previous token") { $0.moveToken(by: -1) },
    .changing("next", .keys(.right, "l"), "next token") { $0.moveToken(by: 1) },
    .changing("up", .keys(.up), "the token above") { $0.moveToken(rows: -1) },
    .changing("down", .keys(.down), "the token below") { $0.moveToken(rows: 1) },
    .changing("first", .keys(.home, "g"), "the first token") { $0.moveToken(by: Int.min) },
    .changing("last", .keys(.end, "G"), "the last token") { $0.moveToken(by: Int.max) },
    .changing("next-surprise", .keys("n"), "the next surprising token (below 10 %)") {
      $0.moveToSurprise(by: 1)
    },
    .changing("previous-surprise", .keys("N"), "the surprising token before") { $0.moveToSurprise(by: -1) },
    .changing("previous-answer", .keys(.pageUp), "the answer before") { $0.moveToAnswer(by: -1) },
    .changing("next-answer", .keys(.pageDown), "the next answer") { $0.moveToAnswer(by: 1) },
    .changing("next-candidate", .keys(.tab, "j"), "next candidate; 1 to 9 and 0 choose one") {
      $0.pickCandidate { ($0 + 1) % $1 }
    },
    .changing("previous-candidate", [KeyChord(.tab, .shift)] + .keys("k"), "previous candidate") {
      $0.pickCandidate { ($0 - 1 + $1) % $1 }
    },
    KeyBinding("branch", .keys(.enter), "go on from here with the candidate, as a branch") {
      $0.branchAtToken()
    },
    .changing("force", .keys("f"), "put a token of your own here, as a branch") {
      $0.tokenCursor?.field = TextField()
    },
    KeyBinding("plan", .keys("p"), "the candidates under another plan beside, the next one, or none") {
      $0.cycleTokenPlan()
    },
    .changing("shade", .keys("s"), "shade words by surprise, probability, entropy, or not") {
      $0.cycleShade()
    },
    .changing("help", .keys("?"), "this help") { $0.overlay = .help(scroll: 0) },
    .close(.keys(.escape, "q") + [.control("c")]),
  ]

  // MARK: Typing

  func press(_ chord: KeyChord, _ state: inout AppState) -> [Effect]? {
    guard var field = state.tokenCursor?.field else {
      guard case .character(let character) = chord.key, chord.modifiers.isEmpty,
        let digit = character.wholeNumberValue, character.isASCII
      else { return nil }
      state.pickCandidate { _, _ in (digit + 9) % 10 }
      return []
    }
    switch chord {
    case KeyChord(.enter): return state.forceTypedToken()
    case KeyChord(.escape), .control("c"): state.tokenCursor?.field = nil
    default: if field.press(chord) { state.tokenCursor?.field = field }
    }
    return []
  }

  func paste(_ text: String, _ state: inout AppState) -> [Effect]? {
    guard var field = state.tokenCursor?.field else { return nil }
    field.insert(text)
    state.tokenCursor?.field = field
    return []
  }

  // MARK: Mouse

  func scroll(_ state: inout AppState, by steps: Int) { state.moveToken(rows: steps) }

  /// A click chooses a candidate, or another token.
  func click(_ state: inout AppState, at place: Point) -> (isTaken: Bool, effects: [Effect]) {
    let box = Self.box(state)
    if box.contains(place) {
      let row = place.y - box.minY - 3
      let shown = Self.candidates(in: box)
      guard let cursor = state.tokenCursor, row >= 0, row < shown else { return (true, []) }
      state.pickCandidate { _, count in max(0, min(cursor.candidate - shown / 2, count - shown)) + row }
      return (true, [])
    }
    guard let rect = state.layout.panes[.chat]?.inset(), rect.contains(place) else { return (false, []) }
    ChatPane().click(&state, at: Point(x: place.x - rect.minX, y: place.y - rect.minY), size: rect.size)
    return (true, [])
  }

  // MARK: Drawing

  func title(_ state: AppState) -> String {
    state.tokenCursor.flatMap { TokenTable($0, state) }?.title ?? heading
  }

  /// Over the side panes where there is room, else at the lower end of the panes.
  static func box(_ state: AppState) -> Rect {
    let layout = state.layout, screen = state.size
    let body = Rect(x: 0, y: 1, width: screen.width, height: max(0, layout.input.minY - 1))
    if let chat = layout.panes[.chat], screen.width - chat.maxX >= 44 {
      return Rect(x: chat.maxX, y: 1, width: screen.width - chat.maxX, height: min(16, body.height))
    }
    let height = min(16, max(7, body.height * 3 / 5))
    return Rect(x: 0, y: max(1, body.maxY - height), width: screen.width, height: min(height, body.height))
  }

  /// The candidates that a box has room for, beside the figures, the heading, and a line for another plan.
  private static func candidates(in box: Rect) -> Int { max(1, box.height - 5) }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    guard let cursor = state.tokenCursor, let table = TokenTable(cursor, state) else { return }
    let rect = Self.box(state)
    guard rect.width > 12, rect.height > 4 else { return }
    canvas.fill(rect, .popup)
    canvas.draw(in: rect) { box in
      box.grid.frame(
        box.grid.bounds, title: table.title.truncated(width: rect.width - 4),
        style: box.theme.style(.focusedFrame, on: .popup),
        titleStyle: box.theme.style(.focusedTitle, on: .popup))
      let width = rect.width - 4
      var rows = [table.figures(width: width)] + table.rows(width: width, count: Self.candidates(in: rect))
      rows = Array(rows.prefix(rect.height - 3))
      for (y, row) in rows.enumerated() { box.write(row, x: 2, y: 1 + y, width: width, on: .popup) }
      let last = rect.height - 2
      if let field = cursor.field {
        let (before, after) = field.parts
        box.write(
          [
            Span("instead: ", .prompt), Span(before),
            Span(after.isEmpty ? " " : String(after.prefix(1)), .popupCursor),
            Span(String(after.dropFirst())),
            Span("  Enter puts it there, Esc leaves it", .faint),
          ], x: 2, y: last, width: width, on: .popup)
      } else if let other = table.otherPlan(width: width) {
        box.write(other, x: 2, y: last, width: width, on: .popup)
      }
      box.write(footer(state, width: width), endingAt: rect.width - 1, y: rect.height - 1, on: .popup)
    }
  }

  /// The keys, as many as fit.
  private func footer(_ state: AppState, width: Int) -> Line {
    let hints = [
      (key("previous", state) + key("next", state), "token"), (key("next-candidate", state), "candidate"),
      (key("branch", state), "branches"), (key("close", state), "closes"), (key("force", state), "own"),
      (key("plan", state), "plan"), (key("next-surprise", state), "surprise"), (key("shade", state), "shade"),
    ]
    var text = ""
    for hint in hints {
      let next = text + (text.isEmpty ? "" : " · ") + "\(hint.0) \(hint.1)"
      guard next.cellWidth + 2 <= width else { break }
      text = next
    }
    return [Span(" \(text) ", .faint)]
  }
}

extension AppState {
  /// The rows of the conversation in the room of the Chat pane: not those that the box of a token covers, nor that of
  /// the legend.
  func chatRows(in room: Rect) -> Int {
    var rows = room.height
    if tokenCursor != nil {
      let box = TokenOverlay.box(self)
      if box.minX < room.maxX { rows = min(rows, box.minY - room.minY) }
    }
    return max(1, rows - (tokenShade == nil ? 0 : 1))
  }
}
