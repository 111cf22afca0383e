import Analysis
import Terminal

/// The last line: what just happened or is under way, else what the keys do here.
struct StatusLine: ScreenPart {
  struct Content: Equatable {
    var notice: Notice?
    var progress: WorkProgress?
    /// Whether the progress is that of an analysis, which ^C stops.
    var isAnalysis: Bool
    /// The keys of the pane that has the focus.
    var hints: [Line]
    /// At the right end.
    var badges: Line
  }

  func content(_ state: AppState, size: Size) -> Content {
    // What runs in the background is told where its results come.
    let analysis = state.analysis.isForeground ? state.analysis.progress : nil
    return Content(
      notice: state.notice, progress: state.progress ?? analysis ?? state.pull?.progress,
      isAnalysis: state.progress == nil && analysis != nil, hints: hints(state), badges: badges(state))
  }

  func draw(_ content: Content, on canvas: inout Canvas) {
    let right = content.badges
    let room = canvas.size.width - right.width - 3
    if let notice = content.notice {
      // What matters is said in full; the rest of the line can wait.
      let rows = notice.rows(width: canvas.size.width)
      for (y, row) in rows.prefix(canvas.size.height).enumerated() {
        let isCut = y == canvas.size.height - 1 && rows.count > y + 1
        canvas.write(isCut ? row + [Span("…", .faint)] : row, x: 1, y: y, width: canvas.size.width - 2)
      }
      let width = rows.first?.width ?? 0
      if rows.count > 1 || width > room { return }
      let left = room - width - 2
      if let progress = progress(content, room: left), progress.width <= left {
        canvas.write(progress, x: width + 3, y: 0, width: left)
      }
    } else if let progress = progress(content, room: room) {
      canvas.write(progress, x: 1, y: 0, width: room)
    } else {
      var x = 1
      // As many as fit whole.
      for hint in content.hints {
        guard x + hint.width <= room + 1 else { break }
        x = canvas.write(hint, x: x, y: 0) + 2
      }
    }
    canvas.write(right, endingAt: canvas.size.width - 1, y: 0)
  }

  /// The work under way, with a bar where there is room.
  private func progress(_ content: Content, room: Int) -> Line? {
    guard let progress = content.progress else { return nil }
    var line = ChatPane.text(progress)
    if content.isAnalysis { line += [Span("  ^C", .key), Span(" stops it", .faint)] }
    if room > line.width + 12 { line += [Span(" ")] + Bars.bar(progress.fraction, width: 10) }
    return line
  }

  private func badges(_ state: AppState) -> Line {
    var line: Line = []
    if state.unsaved != nil { line += [Span("not saved", .error), Span("  ")] }
    if let pending = state.pending {
      let what = if case .rerun = pending { "rerun" } else { "message" }
      let reason = state.answering != nil ? "the answer" : "the model"
      let words = "\(what) waits" + (state.size.width >= 80 ? " for \(reason)" : "")
      line += [Span(words, .candidate), Span("  ")]
    }
    if state.isLive { line += [Span("live", .candidate), Span("  ")] }
    if state.editing != nil { line += [Span("editing", .candidate), Span("  ")] }
    return line + Line(hints(state.keys.global).joined(separator: [Span("  ")]))
  }

  private func hints(_ state: AppState) -> [Line] {
    guard state.focus == .input else { return hints(state.keys[state.focus]) }
    let first: Line =
      state.answering == nil
      ? [Span("Enter", .key), Span(" sends", .faint)] : [Span("^C", .key), Span(" stops", .faint)]
    // The line above a long thought is out of sight.
    let thinking = state.thinkingHint.map { [$0] } ?? []
    return [first] + thinking + [
      [Span("/", .key), Span(" commands", .faint)],
      [Span("PgUp PgDn", .key), Span(" scroll", .faint)],
    ]
  }

  private func hints(_ bindings: [KeyBinding]) -> [Line] {
    bindings.compactMap { binding in
      binding.hint.map { [Span(binding.chords.first?.name ?? "", .key), Span(" " + $0, .faint)] }
    }
  }
}
