import CKernels

/// Sums of cosines between all places of the residual stream, token by token.
struct StreamSimilarityComputation: ProbeComputation {
  private let places: Int
  private var count = 0
  /// The sum of each pair [place · places + place], the first the lower.
  private var sums: [Double]

  /// Tokens of a slice.
  private static let slice = 16

  init(_ context: InferenceContext) {
    places = context.model.shape.layers + 1
    sums = Array(repeating: 0, count: places * places)
  }

  mutating func keep(first count: Int) {
    guard count < self.count else { return }
    self.count = 0
    for index in sums.indices { sums[index] = 0 }
  }

  mutating func advance(_ context: InferenceContext, focus: Int?) -> Bool {
    let end = min(count + Self.slice, context.observablePositions)
    guard let checkpoints = context.checkpoints, count < end else { return false }
    let compare = context.kernels.table.pointee.compare!, width = Int32(context.model.shape.width)
    for position in count..<end {
      for low in 0..<places {
        let row = checkpoints.row(layer: low, position: position)
        for high in low..<places {
          withUnsafeTemporaryAllocation(of: Float.self, capacity: 3) { three in
            compare(row, checkpoints.row(layer: high, position: position), width, three.baseAddress)
            sums[low * places + high] += Double(three[0]) / (Double(three[1]) * Double(three[2])).squareRoot()
          }
        }
      }
    }
    count = end
    return true
  }

  func content(_ context: InferenceContext) -> ProbeReport.Content {
    .streamSimilarity(
      StreamSimilarity(
        cosines: (0..<places).map { row in
          (0..<places).map { Float(sums[min(row, $0) * places + max(row, $0)] / Double(count)) }
        }, tokens: count))
  }

  func fraction(_ context: InferenceContext) -> Double {
    Double(count) / Double(max(1, context.observablePositions))
  }
}
