import Glibc
import Synchronization

/// Text on a descriptor for people and programs, which goes through here alone: what comes from outside is
/// made safe for a terminal, and a failure is an error.
public final class TextOutput: Sendable {
  /// stdout. ``flush()`` at the end of the program.
  public static let standard = TextOutput(STDOUT_FILENO, "stdout")

  /// Whether a terminal shows it.
  public let isTerminal: Bool
  private let descriptor: Int32
  private let name: String
  /// Lines that are not written yet.
  private let waiting = Mutex<[UInt8]>([])
  private static let mostWaiting = 1 << 16

  /// - Parameters:
  ///   - name: What errors call it.
  ///   - isTerminal: nil looks.
  init(_ descriptor: Int32, _ name: String, isTerminal: Bool? = nil) {
    self.descriptor = descriptor
    self.name = name
    self.isTerminal = isTerminal ?? (isatty(descriptor) == 1)
  }

  /// A line of a report. Whatever names and texts from outside it holds, it stays one line, without controls.
  ///
  /// Lines for a program are gathered, and written later.
  public func line(_ text: String) throws(OutputError) {
    try write(text.onOneLine + "\n", atOnce: isTerminal)
  }

  /// Text that is the output itself, such as an answer: as it is, but sanitized on a terminal.
  public func text(_ text: String) throws(OutputError) {
    try write(isTerminal ? text.sanitized : text, atOnce: true)
  }

  /// JSON, with hazards to a terminal as escapes, and a line end.
  public func json(_ text: String) throws(OutputError) {
    try write(text.withHazardsEscapedForJSON + "\n", atOnce: true)
  }

  /// Writes the lines that wait.
  public func flush() throws(OutputError) { try write("", atOnce: true) }

  private func write(_ text: String, atOnce: Bool) throws(OutputError) {
    let code = waiting.withLock { waiting -> Int32 in
      waiting += text.utf8
      guard atOnce || waiting.count > Self.mostWaiting else { return 0 }
      defer { waiting = [] }
      return waiting.withUnsafeBytes { Descriptor.write($0, to: descriptor) }
    }
    guard code == 0 else { throw .system(name, .failed, code) }
  }
}
