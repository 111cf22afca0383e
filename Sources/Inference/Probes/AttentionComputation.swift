/// The attention weights of one head, computed from the focus outwards.
struct AttentionComputation: ProbeComputation {
  private let layer, head: Int
  /// Only the newest positions, so many, are computed: the rows of more would take too much memory.
  private static let limit = 4096
  /// Positions of a slice.
  private static let slice = 32

  private var rows: [AttentionPattern.Row?] = []
  private var heads = 0
  private var finished = 0
  private var writing: HeadWriting?

  init(_ context: InferenceContext, layer: Int, head: Int) {
    self.layer = layer
    self.head = head
  }

  mutating func keep(first count: Int) {
    rows.removeLast(max(0, rows.count - count))
    finished = rows.count { $0 != nil }
    if let writing, writing.position >= count { self.writing = nil }
  }

  mutating func advance(_ context: InferenceContext, focus: Int?) -> Bool {
    heads = 0
    guard context.weights.layers.indices.contains(layer),
      case .attention(let w) = context.weights.layers[layer].attention
    else {
      keep(first: 0)
      return false
    }
    heads = w.shape.queryHeads
    guard (0..<heads).contains(head) else { return false }
    let count = context.observablePositions, oldest = max(0, count - Self.limit)
    keep(first: count)
    rows += Array(repeating: nil, count: count - rows.count)
    for position in 0..<oldest where rows[position] != nil {
      rows[position] = nil
      finished -= 1
    }
    guard count > 0 else { return false }
    let place = max(oldest, min(focus ?? count - 1, count - 1))
    if rows[place] != nil, writing?.position != place {
      writing = context.writing(ofHead: head, layer: layer, at: place)
      return true
    }
    guard finished < count - oldest, let end = rows.nearestMissing(to: place, from: oldest) else {
      return false
    }
    var start = end
    while start > oldest, end - start + 1 < Self.slice, rows[start - 1] == nil { start -= 1 }
    let transformer = context.transformer, positions = Array(start...end)
    transformer.recomputeQueries(w, layer, at: positions)
    let pass = ForwardPass(
      transformer: transformer, batch: transformer.scattered(positions),
      rows: WorkerRows(of: positions.count, transformer.workspace, transformer.pool, 0), worker: 0)
    for (t, position) in positions.enumerated() {
      let (first, weights) = pass.weights(of: head, token: t, at: position, w, layer)
      rows[position] = AttentionPattern.Row(first: first, weights: weights)
      finished += 1
    }
    return true
  }

  func content(_ context: InferenceContext) -> ProbeReport.Content {
    .attention(AttentionPattern(layer: layer, head: head, heads: heads, rows: rows, writing: writing))
  }

  func fraction(_ context: InferenceContext) -> Double {
    Double(finished) / Double(max(1, min(rows.count, Self.limit)))
  }
}

extension Array {
  /// The index of the nil nearest to `focus`, at or above `lowest`; of two the lower.
  func nearestMissing<Wrapped>(to focus: Int, from lowest: Int = 0) -> Int? where Element == Wrapped? {
    let focus = Swift.max(lowest, Swift.min(focus, count - 1))
    for distance in 0..<Swift.max(0, count - lowest) {
      for place in [focus - distance, focus + distance]
      where place >= lowest && place < count && self[place] == nil { return place }
    }
    return nil
  }
}
