import Inference
import Terminal

/// One layer: what is known about each of its sublayers, and the tokens at which it does most.
struct LayerDetailsOverlay: OverlayView {
  let name = "details"
  let heading = "Layer details"
  let otherKeys = OtherKeys.close
  let keys = KeyBinding.layerMoves + [.close(.keys(.escape, .enter, "q"))]

  func title(_ state: AppState) -> String { "Layer \(state.layer)" }

  func draw(_ state: AppState, on canvas: inout Canvas) {
    let layer = state.layer
    var lines: [Line] = []
    lines += details(of: .attention, "attention", layer, state.similarity?.attention, state) + [[]]
    lines += details(of: .mlp, "MLP", layer, state.similarity?.mlp, state)
    if let bits = state.figures?.layerBitsPerWeight, bits.indices.contains(layer), let width = bits[layer] {
      lines += [[], [Span("weights   ", .faint), Span("\(Figures.fixed(width, 2)) b/w")]]
    }
    if layer == 0 || layer == state.layerCount - 1 {
      lines += [
        [], [Span("models rarely do without their \(layer == 0 ? "first" : "last") layer", .warning)],
      ]
    }
    let moves = key("move-up", state) + key("move-down", state)
    Popup.draw(
      title(state), lines.flatMap { $0.wrapped(width: Popup.width(canvas.size)) },
      footer: "\(moves) layer · \(key("close", state)) closes", on: &canvas)
  }

  /// The damage of dropping it alone, when that was measured.
  private func damage(of dropped: Droppable, _ state: AppState) -> [Line] {
    guard let report = state.findings.damage, let damage = report[dropped]?.damage else { return [] }
    return [
      [
        Span("  damage      ", .faint), Span(Figures.kl(damage.kl), .strong), Span(" KL", .faint),
        Span(
          " · perplexity \(Figures.fixed(report.baseline.perplexity, 1)) → \(Figures.fixed(damage.perplexity, 1))"
            + " · same top \(Figures.fixed(100 * damage.sameTop, 0)) %", .faint),
      ]
    ]
  }

  private func details(
    of sublayer: Plan.Sublayer, _ name: String, _ layer: Int, _ values: [[Float]]?, _ state: AppState
  ) -> [Line] {
    let runs = state.plan.runs(sublayer, layer: layer)
    var lines: [Line] = [
      [
        Span(runs ? "● " : "╳ ", runs ? .runs : .dropped), Span(name, .heading),
        Span(runs ? " runs" : " is dropped", runs ? .text : .dropped),
        Span(" · \(state.plan.bits(of: sublayer, layer: layer).rawValue) bits", .faint),
      ]
    ]
    lines += damage(of: Droppable(Part(sublayer), layer), state)
    guard let (rank, count) = state.redundancy.rank(sublayer, layer: layer) else {
      let isMeasured = !state.redundancy.similarity(sublayer, layer: layer).isAbsent
      return lines + [[Span("  similarity is \(isMeasured ? "no number" : "not measured yet")", .faint)]]
    }
    let mean = state.redundancy.similarity(sublayer, layer: layer)
    lines.append([
      Span("  similarity  ", .faint), Span(Figures.similarity(mean), .strong),
      Span(" mean · rank \(rank) of \(count)", .faint),
    ])
    guard let row = values.flatMap({ $0.indices.contains(layer) ? $0[layer] : nil }) else { return lines }
    let measured = row.enumerated().filter { $0.element.isFinite }.sorted { $0.element < $1.element }
    guard let least = measured.first, let most = measured.last else { return lines }
    lines.append([
      Span("  over tokens ", .faint),
      Span("\(Figures.similarity(least.element)) … \(Figures.similarity(most.element))"),
    ])
    let tokens = state.similarity?.tokens ?? []
    let words = measured.prefix(3).filter { tokens.indices.contains($0.offset) }
      .map { "\(HeatmapAxis.quoted(tokens[$0.offset])) \(Figures.similarity($0.element))" }
    lines.append([Span("  does most at ", .faint), Span(words.joined(separator: ", "))])
    return lines
  }
}
