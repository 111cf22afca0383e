import Foundation
import IO

/// A question on the terminal that is answered by a letter.
enum Question {
  /// Whether somebody is there to answer.
  static var canBeAsked: Bool { isatty(STDIN_FILENO) == 1 && StandardError.isTerminal }

  /// Asks, and waits for the answer; anything but yes is no, as is a program that runs without a terminal.
  static func isYes(_ text: String) -> Bool {
    guard canBeAsked else { return false }
    StandardError.question(text + " [y/N] ")
    return ["y", "yes"].contains(readLine()?.lowercased())
  }
}
