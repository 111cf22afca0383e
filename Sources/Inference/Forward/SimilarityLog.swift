/// Cosines of the residual stream before and after each sublayer and block, for every position in the cache.
///
/// Source: "What Matters in Transformers? Not All Attention Is Needed", arXiv 2406.15786.
final class SimilarityLog: @unchecked Sendable {  // positions are written by disjoint workers
  enum Part: Int, CaseIterable { case attention, mlp, block }

  private let capacity: Int
  private let layers: Int
  private let cosines: UnsafeMutablePointer<Float>

  init(layers: Int, capacity: Int) {
    self.layers = layers
    self.capacity = capacity
    cosines = allocateZeroed(Part.allCases.count * layers * capacity)
    cosines.update(repeating: .nan, count: Part.allCases.count * layers * capacity)
  }

  deinit { cosines.deallocate() }

  /// Bytes that one position takes.
  static func bytesPerPosition(_ shape: Hyperparameters) -> Int {
    Part.allCases.count * shape.layers * MemoryLayout<Float>.stride
  }

  /// Records ⟨a, b⟩ / |a| |b| from the three sums the kernels return.
  @inline(__always)
  func record(_ part: Part, layer: Int, position: Int, sums: (Float, Float, Float)) {
    cosines[(part.rawValue * layers + layer) * capacity + position] =
      sums.0 / (sums.1.squareRoot() * sums.2.squareRoot())
  }

  /// Marks a sublayer that did not run.
  func erase(_ part: Part, layer: Int) {
    let row = cosines + (part.rawValue * layers + layer) * capacity
    row.update(repeating: .nan, count: capacity)
  }

  /// `[layer][position]`; NaN where the sublayer did not run.
  func values(_ part: Part, positions: Range<Int>) -> [[Float]] {
    (0..<layers).map { layer in
      let row = cosines + (part.rawValue * layers + layer) * capacity
      return Array(UnsafeBufferPointer(start: row + positions.lowerBound, count: positions.count))
    }
  }
}
