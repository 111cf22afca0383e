/// Euclidean norms, by layer and position; NaN where a sublayer does not run.
public struct StreamNorms: Sendable, Hashable {
  /// [place][position]: norms of the embedding, and of the stream after each layer.
  public var stream: [[Float]]
  /// [layer][position]: norms of the sublayer's output, after its post-norm.
  public var attention: [[Float]]
  public var mlp: [[Float]]

  public init(stream: [[Float]], attention: [[Float]], mlp: [[Float]]) {
    self.stream = stream
    self.attention = attention
    self.mlp = mlp
  }
}

/// The norms of the kept stream; those of sublayers' outputs were recorded as they ran.
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
