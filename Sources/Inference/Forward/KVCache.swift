import CKernels
import Glibc
import Quantization

/// Keys and values of every position, in f16 or in codes of 8 or 4 bits, for each layer and KV head.
///
/// They lie in tiles of 16 positions (CKernels.h), so that scores of 16 positions are computed lane by lane.
/// Address space is reserved for the whole context, memory is taken only by positions that were
/// written or soon will be.
final class KVCache: @unchecked Sendable {  // written by disjoint workers inside a forward pass
  let capacity: Int
  let bits: KVBits
  /// Turns queries and keys alike where keys have 4 bits, which leaves scores as they are: it spreads what single
  /// columns have too much of over all of them (QuaRot, arXiv 2404.00456). Values do not gain from it.
  let keyRotation: Hadamard?
  private let keyTileBytes, valueTileBytes: Int
  private let memory: UnsafeMutableRawPointer
  /// Where each layer starts, and the end of the last.
  private let offsets: UnsafeMutablePointer<Int>
  private let layers: Int

  /// - Throws: ``ContextError`` when the address space is used up.
  init(shape: Hyperparameters, capacity: Int, bits: KVBits = KVBits()) throws {
    self.capacity = capacity.roundedUp(to: Int(PARE_KV_TILE))
    self.bits = bits
    layers = shape.layers
    keyTileBytes = pare_kv_tile_bytes(Int32(bits.key), Int32(shape.keyWidth))
    valueTileBytes = pare_kv_tile_bytes(Int32(bits.value), Int32(shape.valueWidth))
    // Only then is the rotation its own inverse.
    let isPowerOfTwo = shape.keyWidth & (shape.keyWidth - 1) == 0
    keyRotation = bits.key == 4 && isPowerOfTwo ? Hadamard(size: shape.keyWidth) : nil
    offsets = .allocate(capacity: layers + 1)
    offsets[0] = 0
    for (layer, layerShape) in shape.layerShapes.enumerated() {
      let bytes = self.capacity / Int(PARE_KV_TILE) * layerShape.kvHeads * (keyTileBytes + valueTileBytes)
      offsets[layer + 1] = offsets[layer] + bytes.roundedUp(to: 4096)
    }
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let memory = mmap(nil, max(4096, offsets[layers]), PROT_READ | PROT_WRITE, flags, -1, 0),
      memory != MAP_FAILED
    else {
      offsets.deallocate()
      throw ContextError.memory(
        positions: self.capacity, bytesPerPosition: shape.kvBytesPerPosition(bits: bits))
    }
    self.memory = memory
  }

  deinit {
    munmap(memory, max(4096, offsets[layers]))
    offsets.deallocate()
  }

  /// The tiles of a head's keys.
  @inline(__always)
  func keys(layer: Int, head: Int) -> UnsafeMutablePointer<UInt8> {
    base(layer) + head * (capacity / Int(PARE_KV_TILE)) * keyTileBytes
  }

  /// The tiles of a head's values.
  ///
  /// - Parameter kvHeads: of the layer.
  @inline(__always)
  func values(layer: Int, head: Int, kvHeads: Int) -> UnsafeMutablePointer<UInt8> {
    base(layer) + capacity / Int(PARE_KV_TILE) * (kvHeads * keyTileBytes + head * valueTileBytes)
  }

  @inline(__always)
  private func base(_ layer: Int) -> UnsafeMutablePointer<UInt8> {
    (memory + offsets[layer]).assumingMemoryBound(to: UInt8.self)
  }

  /// Prefaults positions of a layer that are not written yet, whole tiles of them.
  func prefault(_ positions: Range<Int>, layer: Int, kvHeads: Int) {
    let first = positions.lowerBound / Int(PARE_KV_TILE), count = positions.count / Int(PARE_KV_TILE)
    for head in 0..<kvHeads {
      let keys = keys(layer: layer, head: head) + first * keyTileBytes
      PageMemory.prefault(keys, bytes: count * keyTileBytes)
      let values = values(layer: layer, head: head, kvHeads: kvHeads) + first * valueTileBytes
      PageMemory.prefault(values, bytes: count * valueTileBytes)
    }
  }

  /// Gives the memory of a layer's keys and values back.
  func release(layer: Int) {
    let bytes = offsets[layer + 1] - offsets[layer]
    if bytes > 0 { madvise(memory + offsets[layer], bytes, MADV_DONTNEED) }
  }
}
