import Inference
import Terminal

/// The speed of the model and the cost of a token.
struct SpeedPane: Pane {
  let id = PaneID.speed
  let heading = "Speed"
  let keys: [KeyBinding] = [.zoom]

  func place(_ state: AppState) -> PanePlace? {
    .side(least: 6, wanted: state.model?.thinking == nil ? 6 : 7)
  }
  func title(_ state: AppState) -> String { "Speed" }

  struct Content: Equatable {
    var rates: RateHistory
    var figures: PlanFigures?
    /// Positions of the KV cache.
    var context: Int?
    var isTernary: Bool
    /// Of the answer under way, or the last of the branch.
    var thought: ThoughtStatistics?
    /// The figures of the last answer, where tokens of it were drafted.
    var drafted: AnswerStatistics?
  }

  func content(_ state: AppState, size: Size) -> Content {
    let statistics = state.newestAnswer?.answer?.statistics
    return Content(
      rates: state.rates, figures: state.figures, context: state.model?.context,
      isTernary: state.model?.isTernary ?? false,
      thought: state.newestAnswer.flatMap(state.thoughtFigures),
      drafted: (statistics?.draft?.accepted ?? 0) > 0 ? statistics : nil)
  }

  func draw(_ content: Content, on canvas: inout Canvas) {
    let (width, height) = (canvas.size.width - 2, canvas.size.height)
    var rows = rows(content, width: width, wraps: true)
    if rows.count > height { rows = self.rows(content, width: width, wraps: false) }
    for (y, line) in rows.prefix(height).enumerated() { canvas.write(line, x: 1, y: y, width: width) }
  }

  /// - Parameter wraps: Whether figures that do not fit a row get one of their own, or are left out.
  private func rows(_ content: Content, width: Int, wraps: Bool) -> [Line] {
    let groups = [cost(content), latency(content), context(content, width: width), thought(content)]
    let rows = groups.flatMap { parts -> [Line] in
      var rows: [Line] = []
      for part in parts {
        let joined = rows.last.map { $0 + [Span(" · ", .faint)] + part }
        if let joined, joined.width <= width {
          rows[rows.count - 1] = joined
        } else if rows.isEmpty || wraps {
          rows.append(part)
        }
      }
      return rows
    }
    return [speed(content, width: width)] + rows
  }

  private func speed(_ content: Content, width: Int) -> Line {
    let drafted = drafted(content)
    guard let rate = content.rates.shown else {
      return [Span("– tok/s", .faint)] + (drafted.isEmpty ? [] : [Span(" ")]) + drafted
    }
    let line: Line = [Span(Figures.rate(rate), .strong), Span(" tok/s ")] + drafted
    let spark = Bars.sparkline(content.rates.decode, width: max(0, width - line.width))
    return line + [Span(spark, .graph)]
  }

  private func cost(_ content: Content) -> [Line] {
    guard let figures = content.figures else { return [] }
    let kv = content.rates.newest?.kvBytes ?? 0
    var parts: [Line] = [
      [Span(Figures.bytes(figures.weightBytesPerToken)), Span("/token", .faint)],
      [Span("KV ", .faint), Span(Figures.bytes(kv))],
    ]
    if content.isTernary, figures.bitsPerWeight > 0 {
      let half = Int(nearest: Double(figures.weightBytesPerToken) * 16 / figures.bitsPerWeight)
      parts.append([Span("ternary, f16 would be ", .faint), Span(Figures.bytes(half))])
    }
    if let rate = content.rates.shown {
      // What decoding reads: the weights and the cache, once for each token.
      let read = rate * Double(figures.weightBytesPerToken + kv)
      parts.append([Span("reads ", .faint), Span(Figures.bytes(Int(nearest: read))), Span("/s", .faint)])
    }
    return parts
  }

  private func latency(_ content: Content) -> [Line] {
    guard let rates = content.rates.newest, rates.prefillTokensPerSecond > 0 else { return [] }
    return [
      [Span("prefill ", .faint), Span(Figures.rate(rates.prefillTokensPerSecond)), Span(" tok/s", .faint)],
      [Span("first token ", .faint), Span(Figures.duration(rates.firstTokenSeconds))],
    ]
  }

  /// What went into the thought, and when the answer itself began.
  private func thought(_ content: Content) -> [Line] {
    guard let thought = content.thought else { return [] }
    let rate = thought.tokensPerSecond > 0 ? " at \(Figures.rate(thought.tokensPerSecond)) tok/s" : " tokens"
    let count: Line = [
      Span("thought ", .faint), Span(Figures.grouped(thought.tokens)), Span(rate, .faint),
    ]
    let begun = thought.firstContentSeconds.map {
      [Span("answer after ", .faint), Span(Figures.seconds($0))] as Line
    }
    return [begun].compactMap { $0 } + [count]
  }

  /// How many tokens were guessed, and are no part of the speed: `96/128 drafted`.
  private func drafted(_ content: Content) -> Line {
    guard let statistics = content.drafted, let draft = statistics.draft else { return [] }
    let counts = "\(Figures.grouped(draft.accepted))/\(Figures.grouped(statistics.answerTokens))"
    return [Span("· ", .faint), Span(counts), Span(" drafted ", .faint)]
  }

  private func context(_ content: Content, width: Int) -> [Line] {
    guard let size = content.context, size > 0 else { return [] }
    let used = content.rates.newest?.contextUsed ?? 0
    let line: Line = [
      Span("context ", .faint), Span("\(Figures.grouped(used))/\(Figures.grouped(size)) "),
    ]
    let share: Line = [Span("\(Int(nearest: Double(used) / Double(size) * 100)) %", .faint)]
    let memory = content.rates.newest?.residentBytes.map {
      [Span("memory ", .faint), Span(Figures.bytes($0))] as Line
    }
    let room = min(20, width - line.width - share.width - 2 - (memory.map { $0.width + 3 } ?? 0))
    let bar = room > 3 ? Bars.bar(Double(used) / Double(size), width: room) + [Span(" ")] : []
    return [line + bar + share] + [memory].compactMap { $0 }
  }
}

extension PaneID {
  static let speed = PaneID("speed")
}
