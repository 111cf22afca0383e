/// How much an error in each column of a matrix matters: the mean square of what the matrix reads there, over
/// the built-in text under the baseline (llama.cpp's importance matrix is the same sum).
final class Importance: @unchecked Sendable {  // filled by the pass that measures it, then only read
  /// An input that several matrices share.
  struct Site: Hashable {
    /// nil for the output head.
    var layer: Int?
    var input: Input
    enum Input: Hashable { case attention, attended, mlp, hidden, head }
  }

  /// Sums of squares at each site [columns].
  private(set) var sums: [Site: UnsafeMutableBufferPointer<Float>] = [:]

  init(_ shape: Hyperparameters) {
    func add(_ layer: Int?, _ input: Site.Input, _ width: Int) {
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: width)
      buffer.initialize(repeating: 0)
      sums[Site(layer: layer, input: input)] = buffer
    }
    for (layer, sizes) in shape.layerShapes.enumerated() {
      add(layer, .attention, shape.width)
      add(layer, .attended, sizes.queryHeads * sizes.valueWidth)
      add(layer, .mlp, shape.width)
      add(layer, .hidden, sizes.mlpWidth)
    }
    add(nil, .head, shape.width)
  }

  deinit { for buffer in sums.values { buffer.deallocate() } }

  /// Weights of the columns of a matrix; nil for those that stand in for a sublayer.
  subscript(place: Weights.Place) -> UnsafePointer<Float>? {
    let input: Site.Input
    switch place.role {
    case .query, .key, .value: input = .attention
    case .attentionOutput: input = .attended
    case .gate, .up: input = .mlp
    case .down: input = .hidden
    case .head: input = .head
    case .attentionMap, .mlpMap: return nil
    }
    return sums[Site(layer: place.layer, input: input)].map { UnsafePointer($0.baseAddress!) }
  }
}
