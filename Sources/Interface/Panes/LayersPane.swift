import Inference
import Terminal

/// Every layer: whether its attention and its MLP run, how redundant each is, and at which bits it is held.
struct LayersPane: Pane {
  func title(_ state: AppState) -> String { "Layers · similarity" }

  let keys: [KeyBinding] =
    LayerKeys.move + [
      KeyBinding("toggle-attention", .keys(" "), "drop or restore the attention", hint: "attention") {
        $0.toggle([.attention], layer: $0.layer)
      },
      KeyBinding("toggle-mlp", .keys("m"), "drop or restore the MLP", hint: "MLP") {
        $0.toggle([.mlp], layer: $0.layer)
      },
      KeyBinding("toggle-block", .keys("b"), "drop or restore both", hint: "block") {
        $0.toggle([.attention, .mlp], layer: $0.layer)
      },
      KeyBinding("fewer-bits", .keys("["), "hold the layer at fewer bits", hint: "bits") {
        $0.changeBits(ofLayer: $0.layer, steps: 1)
      },
      KeyBinding("more-bits", .keys("]"), "hold the layer at more bits") {
        $0.changeBits(ofLayer: $0.layer, steps: -1)
      },
      KeyBinding(
        "drop-next", .keys("a"), "drop the most redundant attention that still runs", hint: "drop next"
      ) {
        $0.dropMostRedundant()
      },
      KeyBinding("undo", .keys("u"), "undo the last change of the plan", hint: "undo") { $0.undoPlan() },
      KeyBinding("redo", .keys("U"), "redo it") { $0.redoPlan() },
      KeyBinding("rerun", .keys("r"), "answer the last prompt again and compare", hint: "rerun") {
        $0.rerun()
      },
      KeyBinding("live", .keys("l"), "rerun after every change", hint: "live") { $0.setLive(!$0.isLive) },
      KeyBinding("details", .keys(.enter), "details of the layer", hint: "details") { state in
        if state.layerCount > 0 { state.overlay = .layerDetails }
        return []
      },
      .zoom,
    ]

  func draw(_ state: AppState, on canvas: inout Canvas) {
    let count = state.layerCount
    guard count > 0 else {
      canvas.write("no model is loaded", .faint, x: 1, y: 0)
      return
    }
    let columns = Columns(width: canvas.size.width)
    drawHead(columns, on: &canvas)
    let rows = canvas.size.height - 1
    let first = max(0, min(state.layer - rows / 2, count - rows))
    for layer in first..<max(first, min(count, first + rows)) {
      draw(layer, columns, state, y: 1 + layer - first, on: &canvas)
    }
    drawPosition(first: first, rows: rows, count: count, on: &canvas)
  }

  /// What there is room for: figures always, then bars, then bits.
  struct Columns {
    var bar: Int
    var hasBits: Bool

    init(width: Int) {
      let withBits = (width - 30) / 2
      hasBits = withBits >= 4
      bar = max(0, min(12, hasBits ? withBits : (width - 24) / 2))
      if bar < 3 { bar = 0 }
    }

    /// A sign, a figure, and a bar if there is one.
    var sublayer: Int { 7 + (bar > 0 ? bar + 1 : 0) }
    static let attention = 5
    var mlp: Int { Self.attention + sublayer + 2 }
    var bits: Int { mlp + sublayer + 1 }
  }

  private func drawHead(_ columns: Columns, on canvas: inout Canvas) {
    canvas.write("attention", .faint, x: Columns.attention, y: 0, width: columns.sublayer)
    canvas.write("MLP", .faint, x: columns.mlp, y: 0)
    if columns.hasBits { canvas.write([Span("b/w", .faint)], endingAt: columns.bits + 5, y: 0) }
  }

  private func draw(_ layer: Int, _ columns: Columns, _ state: AppState, y: Int, on canvas: inout Canvas) {
    let isCurrent = layer == state.layer
    let ground: Element = isCurrent && state.focus == .layers ? .cursor : .text
    if ground == .cursor { canvas.fillRow(y, .cursor) }
    if isCurrent { canvas.write("▶", .key, x: 0, y: y, on: ground) }
    canvas.write([Span("\(layer)", isCurrent ? .strong : .faint)], endingAt: 4, y: y, on: ground)
    for (sublayer, x) in [(Plan.Sublayer.attention, Columns.attention), (.mlp, columns.mlp)] {
      canvas.write(cells(of: sublayer, layer, columns, state), x: x, y: y, on: ground)
    }
    if columns.hasBits, let bits = state.figures?.layerBitsPerWeight, bits.indices.contains(layer) {
      let text = bits[layer].map { Figures.fixed($0, 1) } ?? "–"
      canvas.write([Span(text, .faint)], endingAt: columns.bits + 5, y: y, on: ground)
    }
  }

  private func cells(
    of sublayer: Plan.Sublayer, _ layer: Int, _ columns: Columns, _ state: AppState
  ) -> Line {
    let runs = state.plan.runs(sublayer, layer: layer)
    let similarity = state.redundancy.similarity(sublayer, layer: layer)
    let isNext = sublayer == .attention && layer == state.redundancy.mostRedundant(.attention, in: state.plan)
    var line: Line = [
      Span(runs ? "● " : "╳ ", runs ? .runs : .dropped),
      Span(
        similarity.isNaN ? "    –" : Figures.similarity(similarity).padded(to: 5),
        isNext ? .candidate : runs ? .text : .faint),
    ]
    if columns.bar > 0 {
      line.append(Span(" "))
      let scale = state.heatmap.scale.scale(for: .cosine, state.redundancy.values(sublayer))
      line +=
        scale.fraction(similarity).map {
          Bars.bar($0, width: columns.bar, element: runs ? .bar : .faint)
        } ?? [Span(String(repeating: " ", count: columns.bar))]
    }
    return line
  }

  /// A scroll bar in the last column, where not all layers fit.
  private func drawPosition(first: Int, rows: Int, count: Int, on canvas: inout Canvas) {
    guard count > rows, rows > 0 else { return }
    let length = max(1, rows * rows / count)
    let start = (rows - length) * first / max(1, count - rows)
    for y in start..<start + length {
      canvas.write("▐", .frame, x: canvas.size.width - 1, y: 1 + y)
    }
  }
}

extension String {
  /// With spaces before it.
  func padded(to width: Int) -> String { String(repeating: " ", count: max(0, width - cellWidth)) + self }
}
