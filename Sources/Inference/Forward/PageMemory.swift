import Glibc

/// Prefaulting of memory that is about to be written.
enum PageMemory {
  private static let page = sysconf(Int32(_SC_PAGESIZE))

  /// Maps the pages of `bytes` writable now, with one call in place of a page fault at each first write. Their contents
  /// stay. Linux before 5.14 does not know the call and maps them one by one later.
  static func prefault(_ start: UnsafeMutableRawPointer, bytes: Int) {
    let before = Int(bitPattern: start) % page
    madvise(start - before, before + bytes, MADV_POPULATE_WRITE)
  }
}
