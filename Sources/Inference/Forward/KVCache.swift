import CKernels
import Glibc
import Quantization

/// Keys and values of every position, in f16 or in codes of 8 or 4 bits, for each layer and KV head.
///
/// They lie in tiles of 16 positions (CKernels.h), so that scores of 16 positions are computed lane by lane.
/// Address space is reserved for the whole context; only positions that were written, or soon will be, take
/// memory.
final class KVCache: @unchecked Sendable {  // written by disjoint workers inside a forward pass
  let capacity: Int
  let bits: KVBits
  private let memory: UnsafeMutableRawPointer
  private let byteCount: Int
  private let layers: UnsafeMutableBufferPointer<Layer>
  /// Whether some layer has a rotation.
  private let rotatesKeys: Bool

  /// Where a layer's keys and values lie: [KV head][tile], all keys before all values.
  private struct Layer {
    var offset = 0, byteCount = 0
    var kvHeads, keyWidth, valueWidth: Int
    /// Bytes of a tile of one head.
    var keyTile, valueTile: Int
    /// Turns queries and keys alike where keys have 4 bits, which leaves scores as they are: it spreads the
    /// outliers of single columns over all of them (QuaRot, arXiv 2404.00456). Values do not gain from it.
    var keyRotation: Hadamard?

    init(_ shape: LayerShape, _ bits: KVBits) {
      (kvHeads, keyWidth, valueWidth) = (shape.kvHeads, shape.keyWidth, shape.valueWidth)
      keyTile = pare_kv_tile_bytes(Int32(bits.key), Int32(keyWidth))
      valueTile = pare_kv_tile_bytes(Int32(bits.value), Int32(valueWidth))
      let isPowerOfTwo = keyWidth & (keyWidth - 1) == 0  // only then is the rotation its own inverse
      keyRotation = bits.key == 4 && isPowerOfTwo ? Hadamard(size: keyWidth) : nil
    }
  }

  /// - Throws: ``ContextError`` when the address space is used up.
  init(shape: Hyperparameters, capacity: Int, bits: KVBits = KVBits()) throws {
    let capacity = capacity.roundedUp(to: Int(PARE_KV_TILE)), tiles = capacity / Int(PARE_KV_TILE)
    var end = 0
    let layers = shape.layerShapes.map { shape in
      var layer = Layer(shape, bits)
      layer.offset = end
      layer.byteCount = tiles * layer.kvHeads * (layer.keyTile + layer.valueTile)
      end += layer.byteCount.roundedUp(to: 4096)
      return layer
    }
    byteCount = max(4096, end)
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED
    else {
      throw ContextError.memory(
        positions: capacity, bytesPerPosition: shape.kvBytesPerPosition(bits: bits))
    }
    self.memory = memory
    self.capacity = capacity
    self.bits = bits
    self.layers = .allocate(capacity: layers.count)
    _ = self.layers.initialize(from: layers)
    rotatesKeys = layers.contains { $0.keyRotation != nil }
  }

  deinit {
    munmap(memory, byteCount)
    layers.deinitialize()
    layers.deallocate()
  }

  /// The tiles of a head's keys.
  @inline(__always)
  func keys(layer: Int, head: Int) -> UnsafeMutablePointer<UInt8> {
    start(layer) + head * tiles * layers[layer].keyTile
  }

  /// The tiles of a head's values.
  @inline(__always)
  func values(layer: Int, head: Int) -> UnsafeMutablePointer<UInt8> {
    start(layer) + tiles * (layers[layer].kvHeads * layers[layer].keyTile + head * layers[layer].valueTile)
  }

  /// Tiles of a head.
  private var tiles: Int { capacity / Int(PARE_KV_TILE) }

  @inline(__always)
  private func start(_ layer: Int) -> UnsafeMutablePointer<UInt8> {
    (memory + layers[layer].offset).assumingMemoryBound(to: UInt8.self)
  }

  /// Makes a query [key width] match the keys of a layer.
  @inline(__always)
  func rotate(query: UnsafeMutablePointer<Float>, layer: Int) {
    guard rotatesKeys else { return }  // asks no layer, whose references would be counted
    layers[layer].keyRotation?.apply(to: query, count: layers[layer].keyWidth)
  }

  /// Keeps the key and the value of a position; the key is changed.
  @inline(__always)
  func store(
    key: UnsafeMutablePointer<Float>, value: UnsafePointer<Float>, layer: Int, head: Int, position: Int,
    _ kernels: UnsafePointer<pare_kernels>
  ) {
    rotate(query: key, layer: layer)
    kernels.pointee.store_key(
      Int32(bits.key), key, Int32(layers[layer].keyWidth), keys(layer: layer, head: head), Int32(position))
    kernels.pointee.store_value(
      Int32(bits.value), value, Int32(layers[layer].valueWidth), values(layer: layer, head: head),
      Int32(position))
  }

  /// Prepares to go on after the first `count` positions.
  ///
  /// - Returns: From how many positions on. Keys and values do not depend on later positions, so that is
  ///   `count`; a state that every token changes would have to go back to a snapshot before it.
  func rewind(to count: Int) -> Int { count }

  /// Prefaults positions of a layer that are not written yet, whole tiles of them.
  func prefault(_ positions: Range<Int>, layer: Int) {
    let first = positions.lowerBound / Int(PARE_KV_TILE), count = positions.count / Int(PARE_KV_TILE)
    let (keyTile, valueTile) = (layers[layer].keyTile, layers[layer].valueTile)
    for head in 0..<layers[layer].kvHeads {
      PageMemory.prefault(keys(layer: layer, head: head) + first * keyTile, bytes: count * keyTile)
      PageMemory.prefault(values(layer: layer, head: head) + first * valueTile, bytes: count * valueTile)
    }
  }

  /// Gives the memory of a layer's keys and values back.
  func release(layer: Int) {
    let layer = layers[layer]
    if layer.byteCount > 0 { madvise(memory + layer.offset, layer.byteCount, MADV_DONTNEED) }
  }
}
