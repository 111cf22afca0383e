import Glibc

enum PageMemory {
  private static let page = sysconf(Int32(_SC_PAGESIZE))

  /// Has the system find the pages of `bytes` now, not one by one as they are written. What they hold stays.
  /// Systems that cannot (Linux before 5.14) find them later.
  static func take(_ start: UnsafeMutableRawPointer, bytes: Int) {
    let before = Int(bitPattern: start) % page
    madvise(start - before, before + bytes, MADV_POPULATE_WRITE)
  }
}
