import Analysis
import IO
import Inference
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
    KeyBinding("copy", .keys("y"), "copy the message", hint: "copy") { $0.copyMessage() },
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
    case rows([Row])

    struct Row: Equatable {
      var line: Line
      /// Whether it is of the selected message, which has a bar at its left.
      var isMarked: Bool
      /// After the line: a sign that more is coming, or what the engine is doing.
      var progress: Line = []
    }
  }

  func content(_ state: AppState, size: Size) -> Content {
    let chat = state.chat
    guard !chat.entries.isEmpty else { return .welcome(welcome(state, width: max(1, size.width - 2))) }
    let marked = state.focus == .chat ? chat.selected : nil
    return .rows(
      chat.rows(from: chat.firstVisibleRow, count: size.height).map { row in
        switch row {
        case .caption(let entry):
          let node = state.session.conversation[chat.entries[entry].node]
          return Content.Row(
            line: node.map { state.caption(of: $0, width: size.width - 2) } ?? [], isMarked: entry == marked)
        case .text(let line, let entry, let isLast):
          let isGrowing = isLast && chat.entries[entry].node == state.answering
          return Content.Row(
            line: line, isMarked: entry == marked,
            progress: isGrowing ? progress(state, hasText: !line.isEmpty) : [])
        case .blank: return Content.Row(line: [], isMarked: false)
        }
      })
  }

  func draw(_ content: Content, on canvas: inout Canvas) {
    switch content {
    case .welcome(let lines): draw(welcome: lines, on: &canvas)
    case .rows(let rows):
      for (y, row) in rows.enumerated() {
        if row.isMarked { canvas.write("▌", .key, x: 0, y: y) }
        let end = canvas.write(row.line, x: 1, y: y, width: canvas.size.width - 2)
        if !row.progress.isEmpty { canvas.write(row.progress, x: end, y: y) }
      }
    }
  }

  /// After the last word, a sign that more is coming; before the first, what the engine is doing.
  private func progress(_ state: AppState, hasText: Bool) -> Line {
    if hasText { return [Span("▌", .faint)] }
    return [Span(Self.spinner(state.time) + " ", .assistant)]
      + (state.progress.map(Self.text) ?? [Span("thinking", .faint)])
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
            + "\(model.threads) threads · \(model.kernels)", .faint)
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
