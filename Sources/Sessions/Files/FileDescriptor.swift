import Foundation
import Glibc

/// An open file that closes itself: a thin layer over system calls, which throws `errno`.
struct FileDescriptor: ~Copyable, Sendable {
  let number: Int32

  struct Failure: Error, CustomStringConvertible {
    let code: Int32
    var description: String { String(cString: strerror(code)) }
  }

  init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(Failure) {
    // O_NONBLOCK: a FIFO under this name must not hang the program. It means nothing to regular files.
    number = open(path, flags | O_CLOEXEC | O_NONBLOCK, mode)
    guard number >= 0 else { throw Failure(code: errno) }
  }

  deinit {
    // A process that was just forked holds a copy until it becomes another program, and the lock with it.
    unlock()
    close(number)
  }

  /// Locks the whole file without waiting; false if another program holds the lock. The end of this value
  /// unlocks it.
  func tryLock() -> Bool { flock(number, LOCK_EX | LOCK_NB) == 0 }

  func unlock() { flock(number, LOCK_UN) }

  func status() throws(Failure) -> stat {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw Failure(code: errno) }
    return status
  }

  /// Writes all of `bytes` at the file's position (its end under O_APPEND).
  func write(_ bytes: some ContiguousBytes) throws(Failure) {
    let code = bytes.withUnsafeBytes { buffer -> Int32 in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.write(number, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          return errno
        }
        rest = rest.dropFirst(count)
      }
      return 0
    }
    if code != 0 { throw Failure(code: code) }
  }

  /// Reads the whole of a regular file.
  func readAll(atMost limit: Int) throws(Failure) -> Data {
    let status = try status()
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw Failure(code: EISDIR)
    default: throw Failure(code: EINVAL)
    }
    guard status.st_size <= limit else { throw Failure(code: EFBIG) }
    return try read(from: 0, count: Int(status.st_size))
  }

  /// Reads `count` bytes from `offset` on, fewer at the end of the file.
  func read(from offset: Int, count: Int) throws(Failure) -> Data {
    var data = Data(count: count)
    var filled = 0
    while filled < count {
      let got = data.withUnsafeMutableBytes {
        pread(number, $0.baseAddress! + filled, count - filled, off_t(offset + filled))
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw Failure(code: errno) }
      if got == 0 { break }
      filled += got
    }
    return data.prefix(filled)
  }

  /// Waits until the contents are on the disk.
  func synchronise() { _ = fdatasync(number) }
}
