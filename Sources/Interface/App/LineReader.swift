@preconcurrency import Dispatch
import Foundation
import Glibc
import IO

/// Lines of stdin, and ^C: it ends waiting for a line, or else does what it is told to.
final class LineReader {
  enum Input: Equatable {
    case line(String)
    case end
    case interrupted
    /// stdin cannot be read at all.
    case failed(InputError)
  }

  private let descriptor: Int32
  private let interrupts = Pipe()
  private let source: any DispatchSourceSignal
  private var buffer: [UInt8] = []
  private var hasEnded = false

  /// A longer line is taken for a mistake, such as a binary file on stdin.
  static let maximumBytes = 16 << 20

  /// - Parameter onInterrupt: called on another thread for each ^C; returns whether it was made use of.
  init(descriptor: Int32 = STDIN_FILENO, onInterrupt: @escaping @Sendable () -> Bool) {
    self.descriptor = descriptor
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    let end = interrupts.fileHandleForWriting
    source.setEventHandler {
      if !onInterrupt() { end.write(Data([0])) }
    }
    source.activate()
  }

  deinit {
    source.cancel()
    signal(SIGINT, SIG_DFL)
  }

  /// Waits for the next line, without its end.
  func next() -> Input {
    while true {
      if let newline = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeFirst(newline + 1) }
        return .line(String(decoding: buffer[..<newline], as: UTF8.self))
      }
      guard !hasEnded, buffer.count <= Self.maximumBytes else {
        defer { buffer = [] }
        return buffer.isEmpty || buffer.count > Self.maximumBytes
          ? .end : .line(String(decoding: buffer, as: UTF8.self))
      }
      var waited = [descriptor, interrupts.fileHandleForReading.fileDescriptor].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&waited, 2, -1) > 0 else { continue }
      if waited[1].revents != 0 { return .interrupted }
      var bytes = [UInt8](repeating: 0, count: 65536)
      let count = read(descriptor, &bytes, bytes.count)
      if count > 0 {
        buffer += bytes[..<count]
      } else if count < 0, errno == EBADF || errno == EISDIR {
        return .failed(InputError(stdin: errno))
      } else if count == 0 || errno != EINTR {
        hasEnded = true
      }
    }
  }
}
