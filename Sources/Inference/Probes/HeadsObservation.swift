import Foundation

/// Adds up what every head does at some of the positions: few enough that long texts cost little, and so chosen that
/// a text that grows keeps what is computed.
struct HeadsObservation: Observation {
  private struct Sums {
    var entropy = 0.0, distance = 0.0, first = 0.0, output = 0.0
  }

  /// Positions `step` − 1, 2 · `step` − 1, … are looked at.
  private var step = 1
  /// [layer][head]; no heads where no attention runs.
  private var sums: [[Sums]]
  /// Positions that are in the sums, by layer.
  private var counts: [Int]

  /// Positions at most, and those of a slice.
  private static let limit = 64
  private static let slice = 16

  init(_ context: InferenceContext) {
    sums = Array(repeating: [], count: context.model.shape.layers)
    counts = Array(repeating: 0, count: context.model.shape.layers)
  }

  mutating func keep(first count: Int) {
    guard let most = counts.max(), most * step > count else { return }
    counts = counts.map { _ in 0 }
  }

  mutating func advance(_ context: InferenceContext, focus: Int?) -> Bool {
    let positions = context.observablePositions
    var step = 1
    while positions / step > Self.limit { step *= 2 }
    if step != self.step {
      self.step = step
      counts = counts.map { _ in 0 }
    }
    let wanted = positions / step
    guard let layer = counts.indices.filter({ counts[$0] < wanted }).min(by: { counts[$0] < counts[$1] })
    else {
      return false
    }
    let chosen = (counts[layer]..<min(counts[layer] + Self.slice, wanted)).map { ($0 + 1) * step - 1 }
    guard case .own(let w) = context.weights.layers[layer].attention else {
      sums[layer] = []
      counts[layer] = wanted
      return true
    }
    if counts[layer] == 0 { sums[layer] = Array(repeating: Sums(), count: w.heads.shape.heads) }
    add(w, layer, chosen, context)
    counts[layer] += chosen.count
    return true
  }

  private mutating func add(
    _ w: Weights.AttentionWeights, _ layer: Int, _ positions: [Int], _ context: InferenceContext
  ) {
    let pass = context.pass(), heads = w.heads.shape
    pass.recomputeQueries(w, layer, at: positions)
    let units = positions.count * heads.heads
    let results = UnsafeMutableBufferPointer<Sums>.allocate(capacity: units)
    results.initialize(repeating: Sums())
    defer { results.deallocate() }
    nonisolated(unsafe) let shared = results  // each unit is written by one worker
    context.pool.run { [pool = context.pool] worker in
      for unit in pool.share(units, worker) {
        let t = unit / heads.heads, position = positions[t]
        let (first, weights) = pass.weights(of: unit % heads.heads, t, at: position, heads, layer, worker)
        if first == 0 { shared[unit].first = Double(weights[0]) }
        for (index, weight) in weights.enumerated() where weight > 0 {
          shared[unit].entropy -= Double(weight * log(weight))
          shared[unit].distance += Double(weight) * Double(position - first - index)
        }
      }
    }
    let norms = pass.outputNorms(w, count: positions.count)
    for unit in 0..<units {
      let t = unit / heads.heads, head = unit % heads.heads
      let stream = UnsafeBufferPointer(
        start: context.workspace.stream + t * context.model.shape.width, count: context.model.shape.width)
      sums[layer][head].entropy += results[unit].entropy
      sums[layer][head].distance += results[unit].distance
      sums[layer][head].first += results[unit].first
      sums[layer][head].output += Double(norms[t][head] / stream.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
  }

  func content(_ context: InferenceContext) -> ProbeReport.Content {
    let layers = zip(sums, counts).map { sums, count in
      let count = Double(max(1, count))
      return sums.map {
        HeadSummary.Figures(
          entropy: Float($0.entropy / count), distance: Float($0.distance / count),
          first: Float($0.first / count), output: Float($0.output / count))
      }
    }
    return .heads(HeadSummary(layers: layers, tokens: counts.min() ?? 0))
  }

  func fraction(_ context: InferenceContext) -> Double {
    let wanted = context.observablePositions / step * counts.count
    return Double(counts.reduce(0, +)) / Double(max(1, wanted))
  }
}
