import Foundation

/// The figures of every head, summed over a sample of positions: few enough that long texts cost little, and
/// chosen so that results stay valid as a text grows.
struct HeadsComputation: ProbeComputation {
  private struct Sums {
    var entropy = 0.0, distance = 0.0, first = 0.0, output = 0.0
  }
  private struct Layer {
    /// [head]; empty where no attention runs.
    var sums: [Sums] = []
    /// The number of positions in the sums, and the distance between them.
    var count = 0, step = 1
  }

  /// The sample: positions `step` − 1, 2 · `step` − 1, …
  private var step = 1
  private var layers: [Layer]
  /// The layers at an earlier, smaller step, shown until they are computed anew.
  private var earlier: [Layer]

  /// Positions at most, and those of a slice.
  private static let limit = 64
  private static let slice = 16

  init(_ context: InferenceContext) {
    layers = Array(repeating: Layer(), count: context.model.shape.layers)
    earlier = layers
  }

  mutating func keep(first count: Int) {
    guard shown.contains(where: { $0.count * $0.step > count }) else { return }
    layers = layers.map { _ in Layer(step: step) }
    earlier = layers
  }

  mutating func advance(_ context: InferenceContext, focus: Int?) -> Bool {
    let positions = context.observablePositions
    var step = 1
    while positions / step > Self.limit { step *= 2 }
    if step != self.step {
      self.step = step
      earlier = shown
      layers = layers.map { _ in Layer(step: step) }
    }
    let wanted = positions / step
    let unfinished = layers.indices.filter { layers[$0].count < wanted }
    guard let layer = unfinished.min(by: { layers[$0].count < layers[$1].count }) else { return false }
    guard case .attention(let w) = context.weights.layers[layer].attention else {
      layers[layer].count = wanted
      return true
    }
    let done = layers[layer].count
    if done == 0 { layers[layer].sums = Array(repeating: Sums(), count: w.shape.queryHeads) }
    let chosen = (done..<min(done + Self.slice, wanted)).map { ($0 + 1) * step - 1 }
    add(w, layer, chosen, context)
    layers[layer].count += chosen.count
    return true
  }

  private mutating func add(
    _ w: Weights.AttentionWeights, _ layer: Int, _ positions: [Int], _ context: InferenceContext
  ) {
    let transformer = context.transformer, heads = w.shape.queryHeads
    transformer.recomputeQueries(w, layer, at: positions)
    let units = positions.count * heads
    let results = UnsafeMutableBufferPointer<Sums>.allocate(capacity: units)
    results.initialize(repeating: Sums())
    defer { results.deallocate() }
    let boxed = UncheckedBox(w)
    nonisolated(unsafe) let shared = results  // each unit is written by one worker
    transformer.perform(transformer.scattered(positions)) { pass in
      for unit in pass.pool.share(units, pass.worker) {
        let t = unit / heads, position = positions[t]
        let (first, weights) = pass.weights(
          of: unit % heads, token: t, at: position, boxed.value, layer)
        if first == 0 { shared[unit].first = Double(weights[0]) }
        for (index, weight) in weights.enumerated() where weight > 0 {
          shared[unit].entropy -= Double(weight * log(weight))
          shared[unit].distance += Double(weight) * Double(position - first - index)
        }
      }
    }
    let norms = transformer.outputNorms(w, at: positions)
    for unit in 0..<units {
      let t = unit / heads, head = unit % heads
      let stream = UnsafeBufferPointer(
        start: context.workspace.stream.row(t), count: context.model.shape.width)
      layers[layer].sums[head].entropy += results[unit].entropy
      layers[layer].sums[head].distance += results[unit].distance
      layers[layer].sums[head].first += results[unit].first
      layers[layer].sums[head].output += Double(
        norms[t][head] / stream.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
  }

  private var shown: [Layer] { zip(layers, earlier).map { $0.count > 0 ? $0 : $1 } }

  func content(_ context: InferenceContext) -> ProbeReport.Content {
    let figures = shown.map { layer in
      let count = Double(max(1, layer.count))
      return layer.sums.map {
        HeadSummary.Figures(
          entropy: Float($0.entropy / count), distance: Float($0.distance / count),
          first: Float($0.first / count), output: Float($0.output / count))
      }
    }
    return .heads(HeadSummary(layers: figures, tokens: shown.map(\.count).min() ?? 0))
  }

  func fraction(_ context: InferenceContext) -> Double {
    let wanted = context.observablePositions / step * layers.count
    return Double(layers.reduce(0) { $0 + $1.count }) / Double(max(1, wanted))
  }
}
