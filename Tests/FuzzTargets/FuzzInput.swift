import Foundation

/// Bytes read one after the other as choices and texts; zeros and empty texts at the end.
struct FuzzInput {
  private var rest: UnsafeRawBufferPointer.SubSequence

  init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

  var isEmpty: Bool { rest.isEmpty }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// A number from 0 up to `count`, without that.
  mutating func below(_ count: Int) -> Int { Int(byte()) % count }

  /// Bytes whose number is the first byte.
  mutating func text() -> [UInt8] {
    let count = min(Int(byte()), rest.count)
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func all() -> [UInt8] {
    defer { rest = rest.suffix(0) }
    return Array(rest)
  }
}

/// A file without a name, for code that opens a path; in memory, where the system has a place for that.
final class MemoryFile {
  private let descriptor: Int32
  var path: String { "/proc/self/fd/\(descriptor)" }
  var url: URL { URL(filePath: path) }

  init(_ bytes: UnsafeRawBufferPointer) {
    let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : FileManager.default.temporaryDirectory.path
    var name = Array("\(folder)/fuzz-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    unlink(name)
    precondition(descriptor >= 0 && write(descriptor, bytes.baseAddress, bytes.count) == bytes.count)
  }

  deinit { close(descriptor) }
}

/// An error of the program for its user says something, and not all that was wrong. (That it is one line that steers
/// no terminal is up to those who write it.)
func check(_ error: some Error) {
  let count = "\(error)".utf8.count
  require((1...5000).contains(count), "an error is a sentence, not \(count) bytes")
}

/// Traps with a message, which `precondition` leaves out of optimised code.
func require(_ isTrue: Bool, _ message: @autoclosure () -> String) {
  if !isTrue { fatalError("must hold: " + message()) }
}
