import Inference
import Terminal

/// The speed of the model and the cost of a token.
struct SpeedPane: Pane {
  let id = PaneID.speed
  let heading = "Speed"
  let keys: [KeyBinding] = [.zoom]

  func place(_ state: AppState) -> PanePlace? { .side(least: 6, wanted: 6) }
  func title(_ state: AppState) -> String { "Speed" }

  struct Content: Equatable {
    var rates: RateHistory
    var figures: PlanFigures?
    /// Positions of the KV cache.
    var context: Int?
  }

  func content(_ state: AppState, size: Size) -> Content {
    Content(rates: state.rates, figures: state.figures, context: state.model?.context)
  }

  func draw(_ content: Content, on canvas: inout Canvas) {
    let width = canvas.size.width - 2
    for (y, line) in lines(content, width: width).prefix(canvas.size.height).enumerated() {
      canvas.write(line, x: 1, y: y, width: width)
    }
  }

  private func lines(_ content: Content, width: Int) -> [Line] {
    [speed(content, width: width), cost(content), latency(content), context(content, width: width)]
  }

  private func speed(_ content: Content, width: Int) -> Line {
    guard let rate = content.rates.shown else { return [Span("– tok/s", .faint)] }
    let line: Line = [Span(Figures.rate(rate), .strong), Span(" tok/s ")]
    let spark = Bars.sparkline(content.rates.decode, width: max(0, width - line.width))
    return line + [Span(spark, .graph)]
  }

  private func cost(_ content: Content) -> Line {
    guard let figures = content.figures else { return [] }
    let kv = content.rates.newest?.kvBytes ?? 0
    var line: Line = [
      Span(Figures.bytes(figures.weightBytesPerToken)), Span("/token", .faint), Span(" · KV ", .faint),
      Span(Figures.bytes(kv)),
    ]
    if let rate = content.rates.shown {
      // What decoding reads: the weights and the cache, once for each token.
      let read = rate * Double(figures.weightBytesPerToken + kv)
      line += [Span(" · reads ", .faint), Span(Figures.bytes(Int(nearest: read))), Span("/s", .faint)]
    }
    return line
  }

  private func latency(_ content: Content) -> Line {
    guard let rates = content.rates.newest, rates.prefillTokensPerSecond > 0 else { return [] }
    return [
      Span("prefill ", .faint), Span(Figures.rate(rates.prefillTokensPerSecond)), Span(" tok/s", .faint),
      Span(" · first token ", .faint), Span(Figures.duration(rates.firstTokenSeconds)),
    ]
  }

  private func context(_ content: Content, width: Int) -> Line {
    guard let size = content.context, size > 0 else { return [] }
    let used = content.rates.newest?.contextUsed ?? 0
    let line: Line = [
      Span("context ", .faint), Span("\(Figures.grouped(used))/\(Figures.grouped(size)) "),
    ]
    var end: Line = [Span("\(Int(nearest: Double(used) / Double(size) * 100)) %", .faint)]
    if let memory = content.rates.newest?.residentBytes {
      end += [Span(" · memory ", .faint), Span(Figures.bytes(memory))]
    }
    let room = min(20, width - line.width - end.width - 2)
    guard room > 3 else { return line + end }
    return line + Bars.bar(Double(used) / Double(size), width: room) + [Span(" ")] + end
  }
}

extension PaneID {
  static let speed = PaneID("speed")
}
