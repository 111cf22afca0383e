import Glibc

/// stderr: notes and progress for people. A failure to write them is no reason to stop the work: the terminal
/// may be gone.
public enum StandardError {
  /// Whether a terminal shows it.
  public static let isTerminal = isatty(STDERR_FILENO) == 1

  /// A note: one line, whatever it holds.
  public static func line(_ text: String) { write(text.onOneLine + "\n") }

  /// A question, which is answered on the same line.
  public static func question(_ text: String) { write(text.onOneLine) }

  /// Progress, in place of what was shown before; an empty text clears it. Not shown but on a terminal.
  public static func progress(_ text: String) {
    if isTerminal { write("\r\u{1b}[K" + text.onOneLine) }
  }

  /// Text that is shown beside the output as it comes, dimmed on a terminal.
  public static func aside(_ text: String) {
    guard !text.isEmpty else { return }
    write(isTerminal ? "\u{1b}[2m\(text.sanitized)\u{1b}[22m" : text)
  }

  private static func write(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { Descriptor.write($0, to: STDERR_FILENO) }
  }
}
