import Terminal

/// How fast the model answers and what each token costs.
struct SpeedPane: Pane {
  func title(_ state: AppState) -> String { "Speed" }

  let keys: [KeyBinding] = [.zoom]

  func draw(_ state: AppState, on canvas: inout Canvas) {
    let width = canvas.size.width - 2
    for (y, line) in lines(state, width: width).prefix(canvas.size.height).enumerated() {
      canvas.write(line, x: 1, y: y, width: width)
    }
  }

  private func lines(_ state: AppState, width: Int) -> [Line] {
    [speed(state, width: width), cost(state), latency(state), context(state, width: width)]
  }

  private func speed(_ state: AppState, width: Int) -> Line {
    guard let rates = state.rates.newest, rates.decodeTokensPerSecond > 0 else {
      return [Span("– tok/s", .faint)]
    }
    let line: Line = [Span(Figures.rate(rates.decodeTokensPerSecond), .strong), Span(" tok/s ")]
    let spark = Bars.sparkline(state.rates.decode, width: max(0, width - line.width))
    return line + [Span(spark, .graph)]
  }

  private func cost(_ state: AppState) -> Line {
    guard let figures = state.figures else { return [] }
    let kv = state.rates.newest?.kvBytes ?? 0
    var line: Line = [
      Span(Figures.bytes(figures.weightBytesPerToken)), Span("/token", .faint), Span(" · KV ", .faint),
      Span(Figures.bytes(kv)),
    ]
    if let rates = state.rates.newest, rates.decodeTokensPerSecond > 0 {
      // What decoding reads: the weights and the cache, once for each token.
      let read = rates.decodeTokensPerSecond * Double(figures.weightBytesPerToken + kv)
      line += [Span(" · reads ", .faint), Span(Figures.bytes(Int(min(read, 1e18)))), Span("/s", .faint)]
    }
    return line
  }

  private func latency(_ state: AppState) -> Line {
    guard let rates = state.rates.newest, rates.prefillTokensPerSecond > 0 else { return [] }
    return [
      Span("prefill ", .faint), Span(Figures.rate(rates.prefillTokensPerSecond)), Span(" tok/s", .faint),
      Span(" · first token ", .faint), Span(Figures.duration(rates.firstTokenSeconds)),
    ]
  }

  private func context(_ state: AppState, width: Int) -> Line {
    guard let size = state.model?.context, size > 0 else { return [] }
    let used = state.rates.newest?.contextUsed ?? 0
    let line: Line = [
      Span("context ", .faint), Span("\(Figures.grouped(used))/\(Figures.grouped(size)) "),
    ]
    var end: Line = [Span("\(Int((Double(used) / Double(size) * 100).rounded())) %", .faint)]
    if let memory = state.rates.newest?.residentBytes {
      end += [Span(" · memory ", .faint), Span(Figures.bytes(memory))]
    }
    let room = min(20, width - line.width - end.width - 2)
    guard room > 3 else { return line + end }
    return line + Bars.bar(Double(used) / Double(size), width: room) + [Span(" ")] + end
  }
}
