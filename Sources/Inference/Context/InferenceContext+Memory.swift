/// Memory of positions before they are written.
///
/// A page that is written for the first time makes its thread wait for the system, and all workers for the thread; on
/// a virtual machine, where the host has to find the page too, that took a sixth of the speed of an answer. So pages
/// are asked for in bulk, by all workers, and while nothing else is to do for the answer to come.
extension InferenceContext {
  /// Positions whose memory is asked for at once, a multiple of the cache's tiles.
  private static let memoryStep = 64
  /// Bytes to have ready for an answer.
  private static let memoryAhead = 64 << 20

  private var aheadPositions: Int {
    let bytes =
      model.shape.kvBytesPerPosition(bits: cache.bits)
      + (checkpoints == nil ? 0 : StreamCheckpoints.bytesPerPosition(model.shape))
    return min(capacity, tokens.count + Self.memoryAhead / max(1, bytes))
  }

  /// Whether an answer to come finds less memory ready than it should.
  public var wantsMemory: Bool { readyPositions < aheadPositions }

  /// Makes a little more of it ready.
  public func takeMemory() { takeMemory(through: readyPositions + 1) }

  /// Makes the memory of all positions below `end` ready.
  func takeMemory(through end: Int) {
    guard end > readyPositions else { return }
    let positions = readyPositions..<min(capacity, end.roundedUp(to: Self.memoryStep))
    pool.run { [pool, cache, checkpoints, weights, layers = model.shape.layers] worker in
      for layer in pool.share(layers, worker) {
        if case .attention = weights.layers[layer].attention { cache.takeMemory(positions, layer: layer) }
      }
      let mine = pool.share(positions.count, worker)
      checkpoints?.takeMemory(
        positions.lowerBound + mine.lowerBound..<positions.lowerBound + mine.upperBound)
    }
    readyPositions = positions.upperBound
  }
}
