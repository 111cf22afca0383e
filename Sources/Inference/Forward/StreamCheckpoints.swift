import CKernels
import Glibc

/// The residual stream before every layer and after the last, of the first positions in the cache.
///
/// After a change of plan the layers below it need not run again: the pass starts from here. Address space is
/// reserved at once, memory is taken only by positions that were written or soon will be.
final class StreamCheckpoints: @unchecked Sendable {  // rows are written by disjoint workers
  /// Positions that are kept.
  let positions: Int
  private let width: Int
  /// Of a position: one before each layer and one after the last.
  private let rows: Int
  private let memory: UnsafeMutableRawPointer
  private let byteCount: Int

  /// Memory that the checkpoints may come to take.
  private static let memoryBound = 512 << 20

  /// Keeps as many of `capacity` positions as a bound on memory allows; nil when there is no address space.
  /// Without checkpoints everything still works, from the first layer on.
  init?(shape: Hyperparameters, capacity: Int) {
    width = shape.width
    rows = shape.layers + 1
    let bytes = Self.bytesPerPosition(shape)
    positions = min(capacity, Self.memoryBound / bytes)
    byteCount = positions * bytes
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard byteCount > 0, let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0),
      memory != MAP_FAILED
    else { return nil }
    self.memory = memory
    // Small pages cost an answer more than what is written does.
    madvise(memory, byteCount, MADV_HUGEPAGE)
  }

  deinit { munmap(memory, byteCount) }

  /// Bytes that the checkpoints of a context come to take at most.
  static func byteCount(_ shape: Hyperparameters, capacity: Int) -> Int {
    min(capacity, memoryBound / bytesPerPosition(shape)) * bytesPerPosition(shape)
  }

  /// Bytes that one position takes.
  static func bytesPerPosition(_ shape: Hyperparameters) -> Int {
    (shape.layers + 1) * shape.width * MemoryLayout<Float>.stride
  }

  /// Prefaults positions that are not written yet.
  func prefault(_ positions: Range<Int>) {
    let positions = positions.clamped(to: 0..<self.positions)
    guard !positions.isEmpty else { return }
    let start = row(layer: 0, position: positions.lowerBound)
    PageMemory.prefault(start, bytes: positions.count * rows * width * MemoryLayout<Float>.stride)
  }

  /// Keeps the stream of consecutive positions before `layer`: `stream` is [positions, width].
  func keep(_ stream: UnsafePointer<Float>, layer: Int, positions: Range<Int>) {
    for (t, position) in positions.enumerated() {
      row(layer: layer, position: position).update(from: stream + t * width, count: width)
    }
    // Of a token of an answer the next row is asked for while the layer runs: a barrier waits for what is
    // written.
    if positions.count == 1, layer + 1 < rows {
      pare_prefetch_for_writing(
        row(layer: layer + 1, position: positions.lowerBound), width * MemoryLayout<Float>.stride)
    }
  }

  /// stream[t, d] ← the stream of consecutive positions before `layer`
  func restore(layer: Int, positions: Range<Int>, into stream: UnsafeMutablePointer<Float>) {
    for (t, position) in positions.enumerated() {
      (stream + t * width).update(from: row(layer: layer, position: position), count: width)
    }
  }

  /// The stream of a position before `layer`; after the last layer when `layer` is their count.
  ///
  /// A position's rows lie together, so that a token of an answer is written to one place.
  @inline(__always)
  func row(layer: Int, position: Int) -> UnsafeMutablePointer<Float> {
    memory.assumingMemoryBound(to: Float.self) + (position * rows + layer) * width
  }
}
