import Glibc

/// A file written beside another that it replaces at the end; removed if that is not reached.
final class ReplacementFile {
  private let path: String
  private let temporaryPath: String
  private var descriptor: Int32
  /// Bytes written.
  private(set) var count = 0

  init(path: String) throws(GGUFError) {
    self.path = path
    temporaryPath = "\(path).\(String(UInt32.random(in: .min ... .max), radix: 36)).part"
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw GGUFError(file: path, "cannot be written: \(systemMessage())") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporaryPath)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(GGUFError) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let written = Glibc.write(descriptor, start, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        throw GGUFError(file: path, "cannot be written after \(count) bytes: \(systemMessage())")
      }
      count += written
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  func pad(to alignment: Int) throws {
    // In pieces: an alignment may be as large as 2 GiB.
    let zeros = [UInt8](repeating: 0, count: 4096)
    var missing = count.padded(to: alignment) - count
    while missing > 0 {
      let piece = min(missing, zeros.count)
      try zeros.withUnsafeBytes { bytes in
        try write(UnsafeRawBufferPointer(rebasing: bytes[..<piece]))
      }
      missing -= piece
    }
  }

  /// Puts the file in the other's place.
  func replace() throws(GGUFError) {
    // Synced first, or a power cut could leave the name on an empty file.
    guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
      throw GGUFError(file: path, "cannot be written: \(systemMessage())")
    }
    close(descriptor)
    descriptor = -1
  }
}

/// The message of `errno`.
func systemMessage() -> String { String(cString: strerror(errno)) }
