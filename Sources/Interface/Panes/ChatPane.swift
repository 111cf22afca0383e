import Analysis
import Inference
import Terminal

/// The current branch of the conversation; the answer under way streams in at its end.
struct ChatPane: Pane {
  func title(_ state: AppState) -> String {
    state.chat.isFollowing ? "Chat" : "Chat · \(Figures.grouped(state.chat.rowsBelow)) more below"
  }

  let keys: [KeyBinding] = [
    KeyBinding("up", .keys(.up, "k"), "previous message", hint: "message") { state in
      state.chat.select(step: -1)
      return []
    },
    KeyBinding("down", .keys(.down, "j"), "next message") { state in
      state.chat.select(step: 1)
      return []
    },
    KeyBinding("page-up", .keys(.pageUp), "a page back") { state in
      state.chat.scrollPage(by: -1)
      return []
    },
    KeyBinding("page-down", .keys(.pageDown, " "), "a page on") { state in
      state.chat.scrollPage(by: 1)
      return []
    },
    KeyBinding("start", .keys(.home, "g"), "the beginning") { state in
      state.chat.scrollToStart()
      return []
    },
    KeyBinding("end", .keys(.end, "G"), "the end, and follow it") { state in
      state.chat.scrollToEnd()
      return []
    },
    KeyBinding("previous-branch", .keys(.left), "the branch before", hint: "branch") {
      $0.turnBranch(by: -1)
    },
    KeyBinding("next-branch", .keys(.right), "the branch after") { $0.turnBranch(by: 1) },
    KeyBinding("edit", .keys("e"), "write the message anew, as a branch", hint: "edit") { $0.editMessage() },
    KeyBinding("retry", .keys("t"), "answer again, with other chances", hint: "retry") { $0.retry() },
    KeyBinding("rerun", .keys("r"), "answer the last prompt again and compare", hint: "rerun") { $0.rerun() },
    KeyBinding("copy", .keys("y"), "copy the message", hint: "copy") { $0.copyMessage() },
    .zoom,
  ]

  func draw(_ state: AppState, on canvas: inout Canvas) {
    guard !state.chat.entries.isEmpty else { return drawWelcome(state, on: &canvas) }
    let width = canvas.size.width - 2
    let rows = state.chat.rows(from: state.chat.firstVisibleRow, count: canvas.size.height)
    for (y, row) in rows.enumerated() {
      switch row {
      case .caption(let entry):
        drawMark(entry, state, y: y, on: &canvas)
        if let node = state.session.conversation[state.chat.entries[entry].node] {
          canvas.write(state.caption(of: node), x: 1, y: y, width: width)
        }
      case .text(let line, let entry, let isLast):
        drawMark(entry, state, y: y, on: &canvas)
        let end = canvas.write(line, x: 1, y: y, width: width)
        if isLast, state.chat.entries[entry].node == state.answering {
          drawProgress(state, hasText: !line.isEmpty, x: end, y: y, on: &canvas)
        }
      case .blank: break
      }
    }
  }

  /// The selected entry has a bar at its left.
  private func drawMark(_ entry: Int, _ state: AppState, y: Int, on canvas: inout Canvas) {
    if entry == state.chat.selected, state.focus == .chat { canvas.write("▌", .key, x: 0, y: y) }
  }

  /// After the last word, a sign that more is coming; before the first, what the engine is doing.
  private func drawProgress(_ state: AppState, hasText: Bool, x: Int, y: Int, on canvas: inout Canvas) {
    guard !hasText else {
      canvas.write("▌", .faint, x: x, y: y)
      return
    }
    canvas.write(Self.spinner(state.time) + " ", .assistant, x: x, y: y)
    canvas.write(state.progress.map(Self.text) ?? [Span("thinking", .faint)], x: x + 2, y: y)
  }

  static func text(_ progress: WorkProgress) -> Line {
    let percent = progress.fraction.isFinite ? Int(min(1, max(0, progress.fraction)) * 100) : 0
    return [Span("\(progress.what.sanitized) \(percent) %", .faint)]
  }

  static func spinner(_ time: Double) -> String {
    let frames = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
    return String(frames[Int(time * 10) % frames.count])
  }

  private func drawWelcome(_ state: AppState, on canvas: inout Canvas) {
    let lines = welcome(state)
    let width = lines.map(\.width).max() ?? 0
    let x = max(1, (canvas.size.width - width) / 2)
    let y = max(0, (canvas.size.height - lines.count) / 2)
    for (index, line) in lines.enumerated() {
      canvas.write(line, x: x, y: y + index, width: canvas.size.width - x - 1)
    }
  }

  private func welcome(_ state: AppState) -> [Line] {
    func hint(_ key: String, _ text: String) -> Line {
      [Span(key.padding(toWidth: 7), .key), Span(text, .faint)]
    }
    var lines: [Line] = []
    if let model = state.model {
      lines.append([Span(model.name.sanitized, .strong)])
      lines.append([
        Span(
          "\(model.layers) layers · \(Figures.count(model.parameters)) parameters · "
            + "\(model.threads) threads · \(model.kernels)", .faint)
      ])
    } else {
      lines.append(
        state.progress.map(Self.text) ?? [Span("no model is loaded: /model NAME opens one", .faint)])
    }
    return lines + [
      [],
      hint("Enter", "sends a message"),
      hint("Tab", "goes to the layers: Space drops one's attention"),
      hint("/rerun", "answers again under the changed plan, side by side"),
      hint("F1", "shows all keys and commands"),
    ]
  }
}

extension String {
  /// With spaces after it.
  func padding(toWidth width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - cellWidth))
  }
}
