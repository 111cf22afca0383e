/// Prefaulting: the pages of the cache and the checkpoints are mapped before their positions are written.
///
/// The first write to a page is a page fault, which stops its thread in the kernel, and at the next barrier
/// all other workers with it; on a virtual machine, where the host has to map the page too, page faults took
/// a sixth of the speed of an answer. Prefaulting asks for many pages with one call, by all workers, and does
/// so ahead while the engine idles.
extension InferenceContext {
  /// Positions that are prefaulted at once, a multiple of the cache's tiles.
  private static let prefaultStep = 64
  /// Bytes that are prefaulted ahead of the last token, for the next answer.
  private static let bytesAhead = 64 << 20

  /// Positions that should be prefaulted before the next answer.
  private var positionsAhead: Int {
    let bytes =
      model.shape.kvBytesPerPosition(bits: cache.bits)
      + (checkpoints == nil ? 0 : StreamCheckpoints.bytesPerPosition(model.shape))
    return min(capacity, tokens.count + Self.bytesAhead / max(1, bytes))
  }

  /// Whether ``prefault()`` has something left to do for the next answer.
  public var needsPrefault: Bool { prefaultedPositions < positionsAhead }

  /// Prefaults the pages of the next 64 positions, for an idle engine.
  public func prefault() { prefault(through: prefaultedPositions + 1) }

  /// Prefaults the pages of all positions below `end`.
  func prefault(through end: Int) {
    guard end > prefaultedPositions else { return }
    let positions = prefaultedPositions..<min(capacity, end.roundedUp(to: Self.prefaultStep))
    pool.run { [pool, cache, checkpoints, weights, layers = model.shape.layers] worker in
      for layer in pool.share(layers, worker) {
        if case .attention = weights.layers[layer].attention { cache.prefault(positions, layer: layer) }
      }
      let mine = pool.share(positions.count, worker)
      checkpoints?.prefault(
        positions.lowerBound + mine.lowerBound..<positions.lowerBound + mine.upperBound)
    }
    prefaultedPositions = positions.upperBound
  }
}
