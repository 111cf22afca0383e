import Glibc

/// Keys and values of every position, in f16, for each layer and KV head.
///
/// Keys lie in tiles of 16 positions, [position / 16][key width][16], so that scores of 16 positions are
/// computed lane by lane; values lie as rows [position][value stride]. Address space is reserved for the
/// whole context, memory is taken only by positions that were written.
final class KVCache: @unchecked Sendable {  // written by disjoint workers inside a forward pass
  let capacity: Int
  /// Elements between the values of neighbouring positions.
  let valueStride: Int
  private let shape: Hyperparameters
  private let memory: UnsafeMutableRawPointer
  /// Where each layer starts, and the end of the last.
  private let offsets: UnsafeMutablePointer<Int>

  /// - Throws: ``ContextError`` when the address space is used up.
  init(shape: Hyperparameters, capacity: Int) throws {
    self.shape = shape
    self.capacity = capacity.roundedUp(to: 16)
    valueStride = shape.valueWidth.roundedUp(to: 16)
    offsets = .allocate(capacity: shape.layers + 1)
    offsets[0] = 0
    for (layer, layerShape) in shape.layerShapes.enumerated() {
      let elements = self.capacity * layerShape.kvHeads * (shape.keyWidth + valueStride)
      offsets[layer + 1] = offsets[layer] + (elements * 2).roundedUp(to: 4096)
    }
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let memory = mmap(nil, max(4096, offsets[shape.layers]), PROT_READ | PROT_WRITE, flags, -1, 0),
      memory != MAP_FAILED
    else {
      offsets.deallocate()
      throw ContextError.memory(
        positions: self.capacity, bytesPerPosition: Self.bytesPerPosition(shape))
    }
    self.memory = memory
  }

  deinit {
    munmap(memory, max(4096, offsets[shape.layers]))
    offsets.deallocate()
  }

  /// Bytes that one position takes in all layers.
  static func bytesPerPosition(_ shape: Hyperparameters) -> Int {
    (0..<shape.layers).reduce(0) { $0 + shape.kvBytesPerPosition(layer: $1) }
  }

  @inline(__always)
  func keys(layer: Int, head: Int) -> UnsafeMutablePointer<UInt16> {
    base(layer) + head * capacity * shape.keyWidth
  }

  /// - Parameter kvHeads: of the layer.
  @inline(__always)
  func values(layer: Int, head: Int, kvHeads: Int) -> UnsafeMutablePointer<UInt16> {
    base(layer) + capacity * (kvHeads * shape.keyWidth + head * valueStride)
  }

  @inline(__always)
  private func base(_ layer: Int) -> UnsafeMutablePointer<UInt16> {
    (memory + offsets[layer]).assumingMemoryBound(to: UInt16.self)
  }

  /// Gives the memory of a layer's keys and values back.
  func release(layer: Int) {
    let bytes = offsets[layer + 1] - offsets[layer]
    if bytes > 0 { madvise(memory + offsets[layer], bytes, MADV_DONTNEED) }
  }
}
