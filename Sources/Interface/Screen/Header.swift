import IO
import Terminal

/// The first line: the model, the plan, what the plan costs, and how full the context is.
struct Header: ScreenPart {
  struct Segment: Equatable {
    var line: Line
    /// In its place where there is too little room; nil for nothing shorter.
    var short: Line?
    /// The smaller, the sooner it goes where there is no room.
    var priority: Int
  }

  func draw(_ content: [Segment], on canvas: inout Canvas) {
    var segments = content
    // Where there is too little room, first what can be shorter is, then the least important goes.
    if total(segments) > canvas.size.width {
      for index in segments.indices { segments[index].line = segments[index].short ?? segments[index].line }
    }
    while total(segments) > canvas.size.width,
      let least = segments.indices.min(by: { segments[$0].priority < segments[$1].priority }),
      segments.count > 1
    {
      segments.remove(at: least)
    }
    let gaps = max(0, segments.count - 1)
    let spare = max(0, canvas.size.width - total(segments))
    var x = total(segments) > canvas.size.width ? 0 : 1
    for (index, segment) in segments.enumerated() {
      // The last one stands at the right edge.
      if index == segments.count - 1, gaps > 0 { x += spare }
      x = canvas.write(segment.line, x: x, y: 0) + 2
    }
  }

  private func total(_ segments: [Segment]) -> Int {
    segments.reduce(0) { $0 + $1.line.width + 2 }
  }

  func content(_ state: AppState, size: Size) -> [Segment] {
    var segments = [Segment(line: [Span("pare", .brand)], priority: 1)]
    guard let model = state.model else {
      let progress = state.progress.map(ChatPane.text) ?? [Span("no model", .faint)]
      return segments + [Segment(line: progress, priority: 9)]
    }
    segments.append(Segment(line: [Span(model.name.sanitized.truncated(width: 32), .strong)], priority: 5))
    if let badge = state.thinkingBadge {
      let isChosen = state.sampling.think != nil || state.sampling.thinkBudget != nil
      segments.append(Segment(line: badge, priority: isChosen ? 5 : 0))
    }
    var type: Line = [Span(model.fileType.sanitized, .faint)]
    if let figures = state.figures {
      type.append(Span(" \(Figures.fixed(figures.bitsPerWeight, 1)) b/w"))
    }
    let activationBits = state.plan.activationBits ?? model.nativeActivationBits
    if activationBits != 16 { type += [Span(" act ", .faint), Span("\(activationBits)")] }
    segments.append(Segment(line: type, priority: 2))
    segments.append(Segment(line: [Span("plan ", .faint), Span(state.planLabel.sanitized)], priority: 6))
    segments.append(Segment(line: sublayers(state, model.layers), priority: 10))
    if let figures = state.figures {
      var cost: Line = [Span("\(Figures.bytes(figures.weightBytesPerToken))/token")]
      if let change = Figures.change(
        Double(figures.weightBytesPerToken), from: Double(figures.baselineWeightBytesPerToken))
      {
        cost.append(Span(" " + change, .strong))
      }
      segments.append(Segment(line: cost, priority: 3))
    }
    // A context that is nearly full is what matters next.
    let isNearlyFull = state.contextShare >= AppState.nearlyFull
    let meter = [Span(" ")] + Bars.bar(state.contextShare, width: 6, element: isNearlyFull ? .warning : .bar)
    let count = Span("\(state.contextUsed)/\(model.context)", isNearlyFull ? .warning : .text)
    let text: Line = [Span("ctx ", .faint), count]
    segments.append(Segment(line: text + meter, short: text, priority: isNearlyFull ? 8 : 4))
    return segments
  }

  /// `attn 24/30  mlp 30/30`; what is dropped shows.
  private func sublayers(_ state: AppState, _ count: Int) -> Line {
    func part(_ name: String, _ dropped: Set<Int>) -> Line {
      let running = count - dropped.filter { $0 < count }.count
      return [Span(name + " ", .faint), Span("\(running)/\(count)", running < count ? .dropped : .text)]
    }
    let sublayers = part("attn", state.plan.drop.attention) + [Span(" ")] + part("mlp", state.plan.drop.mlp)
    let heads = state.plan.drop.headCount
    return heads == 0 ? sublayers : sublayers + [Span(" heads ", .faint), Span("−\(heads)", .dropped)]
  }
}
