/// Cosines of the residual stream before and after each sublayer and block, and the norms of what sublayers
/// add to it, for every position in the cache.
///
/// Source: "What Matters in Transformers? Not All Attention Is Needed", arXiv 2406.15786.
final class SimilarityLog: @unchecked Sendable {  // positions are written by disjoint workers
  private let capacity: Int
  private let layers: Int
  /// [position][layer][part]: what a token of an answer records lies in a few lines of the cache. The bits 0
  /// stand for `Float.absent`, so that positions which were not read take no memory; a value of 0 is kept as
  /// −0.
  private let cosines: UnsafeMutablePointer<Float>
  /// The same of sublayers alone.
  private let norms: UnsafeMutablePointer<Float>
  private static let cosineParts = Part.allCases.count, normParts = 2

  init(layers: Int, capacity: Int) {
    self.layers = layers
    self.capacity = capacity
    cosines = allocateZeroed(Self.cosineParts * layers * capacity)
    norms = allocateZeroed(Self.normParts * layers * capacity)
  }

  deinit {
    cosines.deallocate()
    norms.deallocate()
  }

  /// Bytes that one position takes.
  static func bytesPerPosition(_ shape: Hyperparameters) -> Int {
    (cosineParts + normParts) * shape.layers * MemoryLayout<Float>.stride
  }

  /// Records ⟨a, b⟩ / |a| |b| from the three sums the kernels return.
  @inline(__always)
  func record(_ part: Part, layer: Int, position: Int, sums: (Float, Float, Float)) {
    let product = sums.1.squareRoot() * sums.2.squareRoot()
    // A stream of zeros has no direction.
    cosines[(position * layers + layer) * Self.cosineParts + part.place] =
      product == 0 ? 0 : Self.kept(sums.0 / product)
  }

  /// Records the norm of what a sublayer adds.
  @inline(__always)
  func record(_ part: Part, layer: Int, position: Int, norm: Float) {
    norms[(position * layers + layer) * Self.normParts + part.place] = Self.kept(norm)
  }

  @inline(__always)
  private static func kept(_ value: Float) -> Float { value == 0 ? -0.0 : value }

  /// Marks a sublayer that did not run in the first `positions`.
  func erase(_ part: Part, layer: Int, positions: Int) {
    for position in 0..<min(positions, capacity) {
      cosines[(position * layers + layer) * Self.cosineParts + part.place] = 0
      norms[(position * layers + layer) * Self.normParts + part.place] = 0
    }
  }

  /// `[layer][position]`; `Float.absent` where the sublayer did not run.
  func values(_ part: Part, positions: Range<Int>) -> [[Float]] {
    rows(of: cosines, Self.cosineParts, part, positions)
  }

  /// The same of the norms of what sublayers add.
  func norms(_ part: Part, positions: Range<Int>) -> [[Float]] {
    rows(of: norms, Self.normParts, part, positions)
  }

  private func rows(
    of values: UnsafeMutablePointer<Float>, _ parts: Int, _ part: Part, _ positions: Range<Int>
  ) -> [[Float]] {
    (0..<layers).map { layer in
      positions.map {
        let value = values[($0 * layers + layer) * parts + part.place]
        return value.bitPattern == 0 ? .absent : value
      }
    }
  }
}

extension Part {
  /// Its place among the parts of a layer.
  fileprivate var place: Int {
    switch self {
    case .attention: 0
    case .mlp: 1
    case .block: 2
    }
  }
}
