import CMapping
import Glibc
import IO

/// A file mapped for reading. The bytes stay valid as long as the object lives.
///
/// `@unchecked Sendable` because the mapping is read-only and is only taken away in deinit. Of a file that
/// another program shortens meanwhile zeros are read, and ``isLost`` says so; replacing a file by renaming, as
/// downloads and ``GGUFWriter`` do, changes nothing.
final class MappedFile: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  let path: String
  /// When the file was last written to, as it was mapped.
  let modified: timespec
  private let mappingGuard: OpaquePointer?

  init(path: String) throws(GGUFError) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.cannotOpen(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.cannotOpen(path) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw GGUFError(file: path, "is a directory: give the .gguf file in it")
    default: throw GGUFError(file: path, "is not a regular file: save the model to disk first")
    }
    let size = Int(status.st_size)
    guard size > 0 else { throw GGUFError(file: path, "is empty: download it again") }
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      throw GGUFError(file: path, "cannot be mapped into memory: \(systemMessage())")
    }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
    self.path = path
    modified = status.st_mtim
    mappingGuard = cm_guard_begin(address, size)
  }

  deinit {
    cm_guard_end(mappingGuard)
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count)
  }

  /// Whether bytes that were read were not there any more.
  var isLost: Bool { cm_guard_lost(mappingGuard) }

  /// Drops the file's pages from the resident set; the next read maps them again.
  func release() {
    madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count, MADV_DONTNEED)
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func cannotOpen(_ path: String) -> GGUFError {
    let problem =
      switch errno {
      case ENOENT: "no such file: check the path, or see the models there are with “pare models”"
      case EACCES, EPERM: "cannot be read: permission denied"
      default: "cannot be opened: \(systemMessage())"
      }
    return GGUFError(file: path, problem)
  }
}
