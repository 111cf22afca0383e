import Foundation

/// The reach of a copied text, as far as it can be known.
public enum CopyReach: Sendable, Hashable {
  /// The terminal was sent the text (OSC 52). Terminals and multiplexers may refuse it, and do not say so.
  case offered
  /// The multiplexer tmux holds it as its newest buffer, and its terminal was offered it.
  case tmux
  /// The terminal does not speak xterm's language, or the text is longer than it takes.
  case refused
}

/// The multiplexer that the program may run in.
///
/// By default (`set-clipboard external`) tmux ignores OSC 52 of the programs in it, so it is given the text
/// by its own command.
enum TmuxBuffer {
  /// The longest time that a command may take; it takes some milliseconds.
  private static let patience = DispatchTimeInterval.seconds(1)

  /// Whether the program runs in tmux, as tmux tells the programs in it.
  private static var isThere: Bool { ProcessInfo.processInfo.environment["TMUX"]?.isEmpty == false }

  /// The reach that `text` has by tmux's command.
  enum Reach {
    case nowhere, buffer
    /// tmux also offered it to its terminal, which tmux older than 3.2 cannot.
    case bufferAndTerminal
  }

  /// Makes `text` tmux's newest buffer.
  static func load(_ text: String) -> Reach {
    guard isThere else { return .nowhere }
    if run(["load-buffer", "-w", "-"], text) { return .bufferAndTerminal }
    return run(["load-buffer", "-"], text) ? .buffer : .nowhere
  }

  private static func run(_ arguments: [String], _ text: String) -> Bool {
    guard let input = file(holding: text) else { return false }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["tmux"] + arguments
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    guard (try? process.run()) != nil else { return false }
    guard ended.wait(timeout: .now() + patience) == .success else {
      kill(process.processIdentifier, SIGKILL)
      return false
    }
    return process.terminationStatus == 0
  }

  /// A file without a name, for the reader that a pipe would kill this program for losing.
  private static func file(holding text: String) -> FileHandle? {
    var path = (NSTemporaryDirectory() + "/pare-copy-XXXXXX").utf8CString.map { $0 }
    let descriptor = mkstemp(&path)
    guard descriptor >= 0 else { return nil }
    unlink(path)
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try file.write(contentsOf: Data(text.utf8))
      try file.seek(toOffset: 0)
      return file
    } catch { return nil }
  }
}
