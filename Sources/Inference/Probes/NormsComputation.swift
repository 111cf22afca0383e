/// Euclidean norms, by layer and position; NaN where a sublayer does not run.
public struct StreamNorms: Sendable, Hashable {
  /// [place][position]: of the embedding, and of the stream after each layer.
  public var stream: [[Float]]
  /// [layer][position]: of what the sublayer adds to the stream, after the norms behind it.
  public var attention: [[Float]]
  public var mlp: [[Float]]

  public init(stream: [[Float]], attention: [[Float]], mlp: [[Float]]) {
    self.stream = stream
    self.attention = attention
    self.mlp = mlp
  }
}

/// Measures the kept stream; what sublayers add was recorded as they ran.
struct NormsComputation: ProbeComputation {
  private var stream: [[Float]]
  private var count = 0

  /// Positions of a slice.
  private static let slice = 256

  init(_ context: InferenceContext) {
    stream = Array(repeating: [], count: context.model.shape.layers + 1)
  }

  mutating func keep(first count: Int) {
    guard count < self.count else { return }
    for place in stream.indices { stream[place].removeLast(self.count - count) }
    self.count = count
  }

  mutating func advance(_ context: InferenceContext, focus: Int?) -> Bool {
    let end = min(count + Self.slice, context.observablePositions)
    guard let checkpoints = context.checkpoints, count < end else { return false }
    let compare = context.kernels.table.pointee.compare!, width = Int32(context.model.shape.width)
    for place in stream.indices {
      for position in count..<end {
        let row = checkpoints.row(layer: place, position: position)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 3) { three in
          compare(row, row, width, three.baseAddress)
          stream[place].append(three[0].squareRoot())
        }
      }
    }
    count = end
    return true
  }

  func content(_ context: InferenceContext) -> ProbeReport.Content {
    let positions = 0..<count
    return .norms(
      StreamNorms(
        stream: stream, attention: context.log?.norms(.attention, positions: positions) ?? [],
        mlp: context.log?.norms(.mlp, positions: positions) ?? []))
  }

  func fraction(_ context: InferenceContext) -> Double {
    Double(count) / Double(max(1, context.observablePositions))
  }
}
