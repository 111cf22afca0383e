import Analysis
import IO
import Inference
import Sessions
import Terminal

/// The current branch of the conversation; the answer under way streams in at its end.
struct ChatPane: Pane {
  let id = PaneID.chat
  let heading = "Chat"

  let keys: [KeyBinding] = [
    .changing("up", .keys(.up, "k"), "previous message", hint: "message") { $0.chat.select(step: -1) },
    .changing("down", .keys(.down, "j"), "next message") { $0.chat.select(step: 1) },
    .changing("page-up", .keys(.pageUp), "a page back") { $0.chat.scrollPage(by: -1) },
    .changing("page-down", .keys(.pageDown, " "), "a page on") { $0.chat.scrollPage(by: 1) },
    .changing("start", .keys(.home, "g"), "the beginning") { $0.chat.scrollToStart() },
    .changing("end", .keys(.end, "G"), "the end, and follow it") { $0.chat.scrollToEnd() },
    KeyBinding("previous-branch", .keys(.left), "the branch before", hint: "branch") {
      $0.turnBranch(by: -1)
    },
    KeyBinding("next-branch", .keys(.right), "the branch after") { $0.turnBranch(by: 1) },
    KeyBinding("edit", .keys("e"), "write the message or answer anew, as a branch", hint: "edit") {
      $0.editMessage()
    },
    KeyBinding("open-editor", .keys("E"), "write the message or answer anew in $EDITOR, as a branch") {
      $0.openEditorForMessage()
    },
    KeyBinding("retry", .keys("t"), "answer again, with other chances", hint: "retry") { $0.retry() },
    KeyBinding("continue", .keys("c"), "go on with an answer that was stopped or edited") {
      $0.continueAnswer()
    },
    KeyBinding("rerun", .keys("r"), "answer the last prompt again and compare", hint: "rerun") { $0.rerun() },
    KeyBinding("thought", .keys("o"), "unfold the thought before the answer, or fold it") {
      $0.toggleThought()
    },
    KeyBinding("all-thoughts", .keys("O"), "unfold all thoughts, or fold them") { $0.toggleAllThoughts() },
    KeyBinding("tokens", .keys("w"), "walk through the tokens of the answer", hint: "tokens") {
      $0.openTokens()
    },
    .changing("shade", .keys("s"), "shade words by surprise, probability, entropy, or not", hint: "shade") {
      $0.cycleShade()
    },
    KeyBinding("copy", .keys("y"), "copy the message", hint: "copy") { $0.copyMessage() },
    .changing("find-next", .keys("n"), "the next place that /find found") { $0.findNext(by: 1) },
    .changing("find-previous", .keys("N"), "the place before") { $0.findNext(by: -1) },
    .zoom,
  ]

  func place(_ state: AppState) -> PanePlace? { .main }

  func title(_ state: AppState) -> String {
    state.chat.isFollowing ? "Chat" : "Chat · \(Figures.grouped(state.chat.rowsBelow)) more below"
  }

  func scroll(_ state: inout AppState, by steps: Int) { state.chat.scroll(by: 3 * steps) }

  enum Content: Equatable {
    /// Before anything is said.
    case welcome([Line])
    case rows([Row], legend: TokenShade?)

    struct Row: Equatable {
      var line: Line
      /// Whether it is of the selected message, which has a bar at its left.
      var isMarked: Bool
      /// Cells that a search found, and whether the reader is there.
      var found: [Found] = []
      /// How its tokens are shaded, and the cells of the one that is looked at.
      var shades: [ShadedCells] = []
      var token: Range<Int>?
      /// After the line: a sign that more is coming, or what the engine is doing.
      var progress: Line = []
    }

    struct Found: Equatable {
      var cells: Range<Int>
      var isHere: Bool
    }
  }

  func content(_ state: AppState, size: Size) -> Content {
    let chat = state.chat
    guard !chat.entries.isEmpty else { return .welcome(welcome(state, width: max(1, size.width - 2))) }
    let marked = state.focus == .chat ? chat.selected : nil
    let width = size.width - 2
    var found = found(state, size)
    let token = state.tokenPlace
    let rows = chat.rows(
      from: chat.firstVisibleRow, count: state.tokenShade == nil ? size.height : chat.height)
    return .rows(
      rows.enumerated().map { index, row in
        switch row {
        case .caption(let entry):
          let line = node(entry, state).map { state.caption(of: $0, width: width) } ?? []
          return Content.Row(line: line, isMarked: entry == marked)
        case .thoughtLine(let entry):
          let isUnfolded = chat.entries[entry].isUnfolded
          let line = node(entry, state).map {
            state.thoughtLine(of: $0, isUnfolded: isUnfolded, width: width - 2)
          }
          let isGrowing = isGrowing(entry, state) && chat.entries[entry].isAllThought && !isUnfolded
          return Content.Row(
            line: line ?? [], isMarked: entry == marked,
            progress: isGrowing ? [Span(" " + Self.spinner(state.time), .assistant)] : [])
        case .thought(let text, let entry, let isLast), .text(let text, let entry, let isLast):
          var part = AnswerPart.content
          if case .thought = row { part = .reasoning }
          let number = chat.firstVisibleRow + index
          return Content.Row(
            line: text.line, isMarked: entry == marked, found: found.removeValue(forKey: number) ?? [],
            shades: shades(of: text, part, entry, state), token: token?.row == number ? token?.cells : nil,
            progress: isLast && isGrowing(entry, state) ? progress(state, hasText: !text.line.isEmpty) : [])
        case .blank: return Content.Row(line: [], isMarked: false)
        }
      }, legend: state.tokenShade)
  }

  private func node(_ entry: Int, _ state: AppState) -> Conversation.Node? {
    state.session.conversation[state.chat.entries[entry].node]
  }

  /// The shades of the tokens in a row.
  private func shades(
    of row: TextRow, _ part: AnswerPart, _ entry: Int, _ state: AppState
  ) -> [ShadedCells] {
    guard let shade = state.tokenShade, let tokens = state.chat.entries[entry].tokens,
      let records = node(entry, state)?.answer?.records
    else { return [] }
    return tokens[part].stretches(of: row).compactMap { stretch in
      guard records.indices.contains(stretch.token), let figures = records[stretch.token].draw?.figures else {
        return nil
      }
      return ShadedCells(cells: stretch.cells, shade: shade.shade(of: figures))
    }
  }

  private func isGrowing(_ entry: Int, _ state: AppState) -> Bool {
    state.chat.entries[entry].node == state.answering
  }

  /// What a search found in the rows on the screen, by row of the document.
  private func found(_ state: AppState, _ size: Size) -> [Int: [Content.Found]] {
    guard let find = state.find else { return [:] }
    var found: [Int: [Content.Found]] = [:]
    var start = 0
    let shown = state.chat.firstVisibleRow..<state.chat.firstVisibleRow + size.height
    for entry in state.chat.entries {
      for part in AnswerPart.allCases where entry.count(of: part.place) > 0 {
        let text = start + entry.start(of: part.place)
        guard text + entry.count(of: part.place) > shown.lowerBound, text < shown.upperBound else { continue }
        let rows = max(0, shown.lowerBound - text)..<max(0, shown.upperBound - text)
        let margin = part == .reasoning ? ChatEntry.bar.cellWidth : 0
        for match in find.matches(in: entry.rows(of: part.place), of: entry.node, part, rows: rows) {
          for (index, cells) in match.cells.enumerated() {
            let cells = cells.lowerBound + margin..<cells.upperBound + margin
            found[text + match.row + index, default: []].append(
              .init(cells: cells, isHere: match == find.here))
          }
        }
      }
      start += entry.rowCount
    }
    return found
  }

  // MARK: Thoughts

  /// A click on the line that stands for a thought unfolds it, or folds it; one on the line above an answer, or on the
  /// legend, shades words by the next figure; and one on a word looks at its token, where tokens are told apart.
  func click(_ state: inout AppState, at place: Point, size: Size) {
    guard (0..<size.height).contains(place.y) else { return }
    if state.tokenShade != nil, place.y >= state.chat.height { return state.cycleShade() }
    let row = state.chat.rows(from: state.chat.firstVisibleRow + place.y, count: 1).first
    switch row {
    case .thoughtLine(let entry): state.chat.toggleThought(of: entry, staysInPlace: true)
    case .caption(let entry):
      if node(entry, state)?.answer?.records.isEmpty == false { state.cycleShade() }
    case .text(let row, let entry, _): look(at: place.x - 1, of: row, .content, entry, &state)
    case .thought(let row, let entry, _): look(at: place.x - 1, of: row, .reasoning, entry, &state)
    case .blank, nil: break
    }
  }

  /// Looks at the token in a cell of a row.
  private func look(
    at cell: Int, of row: TextRow, _ part: AnswerPart, _ entry: Int, _ state: inout AppState
  ) {
    guard let tokens = state.chat.entries[entry].tokens else { return }
    let stretch = tokens[part].stretches(of: row).first { $0.cells.contains(cell) }
    if let stretch, stretch.token != TokenText.none {
      state.look(at: stretch.token, of: state.chat.entries[entry].node)
    }
  }

  // MARK: Selecting

  func firstRow(_ state: AppState, size: Size) -> Int { state.chat.firstVisibleRow }

  func textRows(_ state: AppState, _ rows: ClosedRange<Int>, column: Range<Int>, size: Size) -> [TextRow]? {
    guard !state.chat.entries.isEmpty else { return nil }
    return state.chat.rows(from: rows.lowerBound, count: rows.count).map { row in
      switch row {
      // The bar of the selected message stands before the text.
      case .text(var row, _, _), .thought(var row, _, _):
        row.line.insert(Span(" "), at: 0)
        row.margin += 1
        return row
      case .caption, .thoughtLine: return TextRow(line: [], isOrnament: true)
      case .blank: return TextRow(line: [])
      }
    }
  }

  func draw(_ content: Content, on canvas: inout Canvas) {
    switch content {
    case .welcome(let lines): draw(welcome: lines, on: &canvas)
    case .rows(let rows, let legend):
      let hasToken = rows.contains { $0.token != nil }
      if let legend { draw(legend, y: canvas.size.height - 1, on: &canvas) }
      for (y, row) in rows.enumerated() {
        if row.isMarked { canvas.write("▌", .key, x: 0, y: y) }
        let end = canvas.write(row.line, x: 1, y: y, width: canvas.size.width - 2)
        canvas.shade(row.shades, x: 1, y: y)
        if hasToken, canvas.colors < .palette256 {
          // What is reversed is the token that is looked at.
          canvas.grid.restyle(Rect(x: 0, y: y, width: canvas.size.width, height: 1)) {
            $0.attributes.remove(.reverse)
          }
        }
        if let token = row.token {
          let style = canvas.theme[.cursor]
          let cells = Rect(x: 1 + token.lowerBound, y: y, width: token.count, height: 1)
          canvas.grid.restyle(cells) {
            $0 = style
            $0.attributes.insert([.reverse, .bold])
          }
        }
        for found in row.found {
          let style = canvas.theme[found.isHere ? .foundHere : .found]
          let cells = Rect(x: 1 + found.cells.lowerBound, y: y, width: found.cells.count, height: 1)
          canvas.grid.restyle(cells) { $0 = style }
        }
        if !row.progress.isEmpty { canvas.write(row.progress, x: end, y: y) }
      }
    }
  }

  /// The scale of the shades.
  private func draw(_ legend: TokenShade, y: Int, on canvas: inout Canvas) {
    let (calm, bright) = legend.ends
    let words = [Span("  \(calm) ", .faint)], width = canvas.size.width
    let swatch = max(4, min(Shade.steps, width - words.width - bright.cellWidth - 4))
    var x = canvas.write(words, x: max(0, width - words.width - swatch - bright.cellWidth - 2), y: y)
    let sample = "abcdefghijklmnop"
    canvas.write(String(sample.prefix(swatch)), .faint, x: x, y: y)
    canvas.shade(
      (0..<swatch).map { .init(cells: $0..<$0 + 1, shade: .step($0 * Shade.steps / swatch)) }, x: x, y: y)
    x += swatch
    canvas.write(" " + bright, .faint, x: x, y: y)
  }

  /// After the last word, a sign that more is coming; before the first, what the engine is doing.
  private func progress(_ state: AppState, hasText: Bool) -> Line {
    if hasText { return [Span("▌", .faint)] }
    return [Span(Self.spinner(state.time) + " ", .assistant)]
      + (state.progress.map(Self.text) ?? [Span("beginning", .faint)])
  }

  /// `reading prompt 40 %`.
  static func text(_ progress: WorkProgress) -> Line {
    let percent = min(100, max(0, Int(nearest: (progress.fraction * 100).rounded(.down))))
    return [Span("\(progress.what.sanitized) \(percent) %", .faint)]
  }

  private static let spinnerFrames = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

  private static func spinner(_ time: Double) -> String {
    String(spinnerFrames[Int(time * 10) % spinnerFrames.count])
  }

  private func draw(welcome lines: [Line], on canvas: inout Canvas) {
    let width = lines.map(\.width).max() ?? 0
    let x = max(1, (canvas.size.width - width) / 2)
    let y = max(0, (canvas.size.height - lines.count) / 2)
    for (index, line) in lines.enumerated() {
      canvas.write(line, x: x, y: y + index, width: canvas.size.width - x - 1)
    }
  }

  private func welcome(_ state: AppState, width: Int) -> [Line] {
    var hints: [(key: String, text: String)] = [
      ("Enter", state.example.map { "asks “\($0)”; or type another" } ?? "sends a message"),
      ("Tab", "goes to the layers: Space drops one's attention"),
      ("/rerun", "answers again under the changed plan, side by side"),
      ("F2", "gives the chat the whole screen"),
      ("F1", "shows all keys and commands"),
    ]
    var lines: [Line] = []
    if let model = state.model {
      lines.append([Span(model.name.sanitized, .strong)])
      lines.append([
        Span(
          "\(model.layers) layers · \(Figures.count(model.parameters)) parameters · "
            + "\(model.threads) threads · \(model.kernels)"
            + (model.thinking == nil ? "" : " · thinks"), .faint)
      ])
      if let remark = model.templateRemark { lines.append([Span(remark, .warning)]) }
    } else if let progress = state.progress {
      lines.append(Self.text(progress))
    } else {
      lines.append([Span(state.isLoading ? "loading" : "no model is loaded", .faint)])
      if !state.isLoading { hints[0] = ("/model", "shows the models to choose from") }
    }
    let indent: Line = [Span(String(repeating: " ", count: 7))]
    return lines.flatMap { $0.wrapped(width: width) } + [[]]
      + hints.flatMap { hint in
        let rows = ([Span(hint.text, .faint)] as Line).wrapped(width: max(1, width - 7))
        return rows.enumerated().map {
          ($0 == 0 ? [Span(hint.key.padding(toWidth: 7), .key)] : indent) + $1
        }
      }
  }
}

extension PaneID {
  static let chat = PaneID("chat")
}
