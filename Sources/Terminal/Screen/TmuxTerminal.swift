import Foundation

/// The terminal that the multiplexer tmux is shown in, as tmux tells of it.
enum TmuxTerminal {
  /// The longest time to wait for tmux's answer, which takes some milliseconds.
  private static let patience = DispatchTimeInterval.milliseconds(300)

  /// Whether the program runs in tmux, as tmux tells the programs in it.
  static var isThere: Bool { ProcessInfo.processInfo.environment["TMUX"]?.isEmpty == false }

  /// Whether it shows all colours; nil where tmux does not tell: before 3.2, and while nobody looks at it.
  static var hasAllColors: Bool? {
    guard let features = answer(to: ["display-message", "-p", "#{client_termfeatures}"]), !features.isEmpty
    else { return nil }
    return features.split(separator: ",").contains("RGB")
  }

  private static func answer(to command: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["tmux"] + command
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    guard (try? process.run()) != nil else { return nil }
    guard ended.wait(timeout: .now() + patience) == .success else {
      kill(process.processIdentifier, SIGKILL)
      return nil
    }
    // A line, which any pipe holds.
    let bytes = output.fileHandleForReading.availableData
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
