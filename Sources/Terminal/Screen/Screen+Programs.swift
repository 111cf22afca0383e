import CTerminal

extension Screen {
  /// Gives the terminal to a command of the shell, such as an editor, and takes it over again when the command
  /// has ended, however it ended.
  ///
  /// - Parameters:
  ///   - command: In the shell's words; `"$1"` in it is `argument`.
  /// - Returns: Its exit status; 128 and the signal's number where one ended it; −1 if it could not be started.
  public func run(_ command: String, argument: String) -> Int {
    giveBack()
    let status = ct_run_on_terminal(command, argument)
    takeOver()
    return Int(status)
  }
}
