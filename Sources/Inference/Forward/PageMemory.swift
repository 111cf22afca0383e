import Glibc

/// Prefaulting of memory that is about to be written.
enum PageMemory {
  private static let page = sysconf(Int32(_SC_PAGESIZE))

  /// Maps the pages of `bytes` writable now, with one call in place of a page fault at each first write.
  /// Their contents stay. Linux before 5.14 does not know the call and maps them one by one later.
  static func prefault(_ start: UnsafeMutableRawPointer, bytes: Int) {
    let before = Int(bitPattern: start) % page
    madvise(start - before, before + bytes, MADV_POPULATE_WRITE)
  }

  /// Sets memory of the heap to zero. Whole pages are given back to the system, which hands out zeros when
  /// they are written to.
  static func zero(_ start: UnsafeMutableRawPointer, bytes: Int) {
    let end = start + bytes
    let first = start + (page - Int(bitPattern: start) % page) % page
    let last = end - Int(bitPattern: end) % page
    guard first < last, madvise(first, last - first, MADV_DONTNEED) == 0 else {
      memset(start, 0, bytes)
      return
    }
    memset(start, 0, first - start)
    memset(last, 0, end - last)
  }
}
