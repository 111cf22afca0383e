import ArgumentParser
import Foundation

/// A run of this command line in a process of its own, for commands that hand to an outside library what a
/// stranger sent. Foundation ends its process on some answers of a server, before this program can look at
/// them; then this one lives on, and says so in one line.
enum OwnProcess {
  private static let variable = "PARE_PARENT"

  /// The process that this one was started by; nil in the first one.
  static var parent: Int32? { ProcessInfo.processInfo.environment[variable].flatMap { Int32($0) } }

  /// Whether the process that wants the result has ended.
  static var isOrphaned: Bool { parent.map { getppid() != $0 } ?? false }

  /// Runs the same command line again and ends as it does; ^C is passed on.
  ///
  /// - Parameter crash: The error of a process that did not end by itself.
  static func run(crash: some Error) async throws {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe")
    process.arguments = Array(CommandLine.arguments.dropFirst())
    // A report of the crash would be of the library's insides.
    let own = [variable: "\(getpid())", "SWIFT_BACKTRACE": "enable=no"]
    process.environment = ProcessInfo.processInfo.environment.merging(own) { $1 }
    try process.run()
    var isInterrupted = false
    while process.isRunning {
      if Interrupt.isRequested, !isInterrupted {
        isInterrupted = true
        process.interrupt()
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    if process.terminationReason == .uncaughtSignal { throw isInterrupted ? CancellationError() : crash }
    guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
  }
}
