import Analysis
import Inference
import Terminal

/// Every layer: whether its attention and its MLP run, how redundant each is, and at which bits it is held.
struct LayersPane: Pane {
  let id = PaneID.layers
  let heading = "Layers"

  let keys: [KeyBinding] =
    KeyBinding.layerMoves + [
      KeyBinding("toggle-attention", .keys(" "), "drop or restore the attention", hint: "attention") {
        $0.dropOrRestore(.attention, layer: $0.layer)
      },
      KeyBinding("toggle-mlp", .keys("m"), "drop or restore the MLP", hint: "MLP") {
        $0.dropOrRestore(.mlp, layer: $0.layer)
      },
      KeyBinding("toggle-block", .keys("b"), "drop or restore both", hint: "block") {
        $0.dropOrRestore(.block, layer: $0.layer)
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
      KeyBinding("measure", .keys("d"), "measure the damage of dropping each sublayer alone", hint: "damage")
      {
        $0.measureDamage()
      },
      KeyBinding("search", .keys("s"), "search for plans, or look at those that were found", hint: "search") {
        $0.beginSearch()
      },
      .changing("order", .keys("o"), "order: by layer, similarity or damage", hint: "order") {
        $0.changeLayerOrder()
      },
      KeyBinding("undo", .keys("u"), "undo the last change of the plan", hint: "undo") { $0.undoPlan() },
      KeyBinding("redo", .keys("U"), "redo it") { $0.redoPlan() },
      KeyBinding("rerun", .keys("r"), "answer the last prompt again and compare", hint: "rerun") {
        $0.rerun()
      },
      KeyBinding("live", .keys("l"), "rerun after every change", hint: "live") { $0.setLive(!$0.isLive) },
      .changing("details", .keys(.enter), "details of the layer", hint: "details") { state in
        if state.layerCount > 0 { state.overlay = .layerDetails }
      },
      .zoom,
    ]

  func place(_ state: AppState) -> PanePlace? { .side(least: 8, wanted: state.layerCount + 3) }

  func title(_ state: AppState) -> String {
    let figures = state.findings.damage == nil ? "similarity" : "similarity, damage (KL)"
    return "Layers · \(figures)" + (state.layerOrder == .layer ? "" : " · \(state.layerOrder.name)")
  }

  func scroll(_ state: inout AppState, by steps: Int) { state.moveLayer(by: steps) }

  struct Content: Equatable {
    /// In the order of the rows.
    var layers: [Int]
    var order: LayerOrder
    /// The layer under the cursor.
    var layer: Int
    var hasFocus: Bool
    var plan: Plan
    @Versioned var redundancy: Redundancy
    @Versioned var reports: AnalysisReports
    /// The layer whose attention is to be dropped next.
    var next: Int?
    /// b/w of each layer.
    var bits: [Double?]?
    var scale: ScaleKind

    init(_ state: AppState) {
      let findings = state.findings
      layers = findings.ordered(state.layerOrder)
      order = state.layerOrder
      layer = state.layer
      hasFocus = state.focus == .layers
      plan = findings.plan
      _redundancy = findings.$redundancy
      _reports = findings.$reports
      next = findings.nextToDrop?.layer
      bits = state.figures?.layerBitsPerWeight
      scale = state.heatmap.scale
    }

    var damage: DamageReport? { reports[DamageReport.self] }
  }

  func content(_ state: AppState, size: Size) -> Content { Content(state) }

  func draw(_ content: Content, on canvas: inout Canvas) {
    let count = content.layers.count
    guard count > 0 else {
      canvas.write("no model is loaded", .faint, x: 1, y: 0)
      return
    }
    let columns = LayerColumns(width: canvas.size.width, hasDamage: content.damage != nil)
    drawHead(columns, content, on: &canvas)
    let rows = canvas.size.height - 1
    let cursor = content.layers.firstIndex(of: content.layer) ?? 0
    let first = max(0, min(cursor - rows / 2, count - rows))
    let scales = Plan.Sublayer.allCases.map {
      content.scale.scale(for: .cosine, content.redundancy.values($0))
    }
    for row in first..<max(first, min(count, first + rows)) {
      draw(content.layers[row], columns, scales, content, y: 1 + row - first, on: &canvas)
    }
    drawPosition(first: first, rows: rows, count: count, on: &canvas)
  }

  private func drawHead(_ columns: LayerColumns, _ content: Content, on canvas: inout Canvas) {
    for (sublayer, name) in [(Plan.Sublayer.attention, "attention"), (.mlp, "MLP")] {
      let isOrder = [.similarity(sublayer), .damage(sublayer)].contains(content.order)
      let x = columns.x(sublayer)
      canvas.write(
        [Span(name + (isOrder ? " ▾" : ""), isOrder ? .strong : .faint)], x: x, y: 0, width: columns.sublayer)
      if columns.hasDamage, columns.sublayer > 12 {
        canvas.write([Span("KL", .faint)], endingAt: x + columns.sublayer, y: 0)
      }
    }
    if columns.hasBits { canvas.write([Span("b/w", .faint)], endingAt: columns.bits + 5, y: 0) }
  }

  /// - Parameter scales: of the sublayers' bars, in the order of the columns.
  private func draw(
    _ layer: Int, _ columns: LayerColumns, _ scales: [Scale], _ content: Content, y: Int,
    on canvas: inout Canvas
  ) {
    let isCurrent = layer == content.layer
    let ground: Element = isCurrent && content.hasFocus ? .cursor : .text
    if ground == .cursor { canvas.fillRow(y, .cursor) }
    if isCurrent { canvas.write("▶", .key, x: 0, y: y, on: ground) }
    canvas.write([Span("\(layer)", isCurrent ? .strong : .faint)], endingAt: 4, y: y, on: ground)
    // Models rarely do without their ends, whatever the figures say; the details tell.
    if layer == 0 || layer == content.layers.count - 1 { canvas.write("!", .warning, x: 4, y: y, on: ground) }
    for (sublayer, scale) in zip(Plan.Sublayer.allCases, scales) {
      canvas.write(
        cells(of: sublayer, layer, columns, scale, content), x: columns.x(sublayer), y: y, on: ground)
    }
    if columns.hasBits, let bits = content.bits, bits.indices.contains(layer) {
      let text = bits[layer].map { Figures.fixed($0, 1) } ?? "–"
      canvas.write([Span(text, .faint)], endingAt: columns.bits + 5, y: y, on: ground)
    }
  }

  private func cells(
    of sublayer: Plan.Sublayer, _ layer: Int, _ columns: LayerColumns, _ scale: Scale, _ content: Content
  ) -> Line {
    let runs = content.plan.runs(sublayer, layer: layer)
    let similarity = content.redundancy.similarity(sublayer, layer: layer)
    let isNext = sublayer == .attention && layer == content.next
    let element: Element = isNext ? .candidate : runs ? .text : .faint
    var line: Line = [
      Span(runs ? "● " : "╳ ", runs ? .runs : .dropped),
      Span(columns.similarity(similarity), element),
    ]
    if columns.bar > 0 {
      line.append(Span(" "))
      line +=
        scale.fraction(similarity).map {
          Bars.bar($0, width: columns.bar, element: runs ? .bar : .faint)
        } ?? [Span(String(repeating: " ", count: columns.bar))]
    }
    if columns.hasDamage {
      line += [Span(" "), Span(columns.damage(content.damage?.kl(sublayer, layer: layer)), element)]
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
