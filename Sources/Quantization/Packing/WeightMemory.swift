import Glibc
import Synchronization

/// A piece of memory for packed weights, given back when nobody holds it.
///
/// Weights stream by, so memory comes in huge pages, which need few address translations; most matrices are
/// smaller than such a page, so that many share a slab. What is given back is taken out of the resident set
/// at once; the address space goes with the last piece of its slab.
final class WeightMemory: @unchecked Sendable {  // the owner says who writes
  let pointer: UnsafeMutableRawPointer
  /// Whole pages.
  let byteCount: Int
  /// Keeps the address space.
  private let owner: Slab

  static let page = 4096
  private static let hugePage = 2 << 20
  private static let slabSize = 32 << 20
  /// The slab that has room left.
  private static let current = Mutex<Slab?>(nil)

  /// - Parameter name: The tensor it is for, for the error.
  init(byteCount: Int, for name: String) throws(MemoryError) {
    self.byteCount = byteCount.roundedUp(to: Self.page)
    (owner, pointer) = try Self.take(self.byteCount, name)
  }

  deinit { madvise(pointer, byteCount, MADV_DONTNEED) }

  private static func take(
    _ bytes: Int, _ name: String
  ) throws(MemoryError) -> (Slab, UnsafeMutableRawPointer) {
    try current.withLock { current throws(MemoryError) in
      if let slab = current, let pointer = slab.take(bytes) { return (slab, pointer) }
      let slab = try Slab(byteCount: max(slabSize, bytes), name)
      guard let pointer = slab.take(bytes) else { preconditionFailure("a new slab has room") }
      if bytes < slabSize { current = slab }
      return (slab, pointer)
    }
  }

  private final class Slab: @unchecked Sendable {  // `used` is guarded by the lock of `current`
    private let mapping: UnsafeMutableRawPointer
    private let start: UnsafeMutableRawPointer
    private let byteCount: Int
    private var used = 0

    init(byteCount: Int, _ name: String) throws(MemoryError) {
      self.byteCount = byteCount.roundedUp(to: hugePage)
      let length = self.byteCount + hugePage
      let flags = MAP_PRIVATE | MAP_ANONYMOUS
      guard let mapping = mmap(nil, length, PROT_READ | PROT_WRITE, flags, -1, 0), mapping != MAP_FAILED
      else {
        throw MemoryError(tensor: name, bytes: self.byteCount, reason: String(cString: strerror(errno)))
      }
      self.mapping = mapping
      start = mapping.alignedUp(toMultipleOf: hugePage)
      madvise(start, self.byteCount, MADV_HUGEPAGE)
    }

    deinit { munmap(mapping, byteCount + hugePage) }

    func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
      guard used + bytes <= byteCount else { return nil }
      defer { used += bytes }
      return start + used
    }
  }
}

extension UnsafeMutableRawPointer {
  fileprivate func alignedUp(toMultipleOf step: Int) -> UnsafeMutableRawPointer {
    self + (step - Int(bitPattern: self) % step) % step
  }
}
