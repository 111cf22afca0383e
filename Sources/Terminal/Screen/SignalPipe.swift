import CTerminal
import Foundation

/// Signals as bytes that a poll can wait for.
struct SignalPipe {
  let readEnd: Int32
  private let writeEnd: Int32

  /// Catches the signals that concern a program with a screen.
  init() {
    var ends: [Int32] = [-1, -1]
    _ = pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    readEnd = ends[0]
    writeEnd = ends[1]
    ct_signals_catch(writeEnd)
  }

  /// The signals that have come since the last call.
  func read() -> [Int32] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = Glibc.read(readEnd, &bytes, bytes.count)
    return count > 0 ? bytes[..<count].map(Int32.init) : []
  }

  /// Puts back the handlers of before.
  func close() {
    ct_signals_release()
    _ = Glibc.close(readEnd)
    _ = Glibc.close(writeEnd)
  }
}
