import Glibc

/// Keys and values of every position, in f16, for each layer and KV head.
///
/// Keys lie in tiles of 16 positions, [position / 16][key width][16], so that scores of 16 positions are
/// computed lane by lane; values lie as rows [position][value width]. Address space is reserved for the
/// whole context, memory is taken only by positions that were written.
final class KVCache: @unchecked Sendable {  // written by disjoint workers inside a forward pass
  let capacity: Int
  private let shape: Hyperparameters
  private let memory: UnsafeMutableRawPointer
  private let layerBytes: Int

  init(shape: Hyperparameters, capacity: Int) {
    self.shape = shape
    self.capacity = capacity.roundedUp(to: 16)
    layerBytes = (self.capacity * shape.kvHeads * (shape.keyWidth + shape.valueWidth) * 2).roundedUp(to: 4096)
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let memory = mmap(nil, layerBytes * shape.layers, PROT_READ | PROT_WRITE, flags, -1, 0),
      memory != MAP_FAILED
    else { fatalError("out of memory: a KV cache of \(layerBytes * shape.layers) bytes") }
    self.memory = memory
  }

  deinit { munmap(memory, layerBytes * shape.layers) }

  /// Bytes that one position takes in one layer.
  static func bytesPerPosition(_ shape: Hyperparameters) -> Int {
    shape.kvHeads * (shape.keyWidth + shape.valueWidth) * 2
  }

  @inline(__always)
  func keys(layer: Int, head: Int) -> UnsafeMutablePointer<UInt16> {
    base(layer) + head * capacity * shape.keyWidth
  }

  @inline(__always)
  func values(layer: Int, head: Int) -> UnsafeMutablePointer<UInt16> {
    base(layer) + capacity * (shape.kvHeads * shape.keyWidth + head * shape.valueWidth)
  }

  @inline(__always)
  private func base(_ layer: Int) -> UnsafeMutablePointer<UInt16> {
    (memory + layer * layerBytes).assumingMemoryBound(to: UInt16.self)
  }

  /// Gives the memory of a layer's keys and values back.
  func release(layer: Int) { madvise(memory + layer * layerBytes, layerBytes, MADV_DONTNEED) }
}
