import Foundation
import Glibc

/// Runs a command and hands over its output as it comes.
enum Subprocess {
  struct Failure: Error {
    /// The standard error of the command.
    let complaint: String
    /// Its last line, which mostly names the error.
    var lastLine: String {
      complaint.split(whereSeparator: \.isNewline).last.map(String.init) ?? "it does not say why"
    }
  }

  /// - Parameters:
  ///   - command: A name, looked up in `PATH`, and arguments.
  ///   - output: Called with pieces of the standard output, in order; throwing ends the command.
  /// - Throws: `Failure` unless the command exits with 0; `CancellationError` when the task is cancelled.
  static func run(
    _ command: [String], environment: [String: String] = [:],
    output: @escaping @Sendable (Data) throws -> Void
  ) async throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let out = Pipe()
    let errors = Pipe()
    process.standardOutput = out
    process.standardError = errors
    try Task.checkCancellation()
    try process.run()
    try await withTaskCancellationHandler {
      // Blocking reads, so on threads of their own and not on those of the async tasks.
      async let complaint = onThread { try errors.fileHandleForReading.readToEnd() ?? Data() }
      let outcome = try await onThread {
        Result {
          while case let piece = out.fileHandleForReading.availableData, !piece.isEmpty { try output(piece) }
        }
      }
      if case .failure = outcome { end(process) }
      let text = String(decoding: (try? await complaint) ?? Data(), as: UTF8.self)
      try await onThread { process.waitUntilExit() }
      try Task.checkCancellation()
      try outcome.get()
      guard process.terminationStatus == 0 else {
        throw Failure(complaint: text)
      }
    } onCancel: {
      end(process)
    }
  }

  /// Not SIGTERM: commands inherit the signal mask of the thread that started them, and threads of async
  /// tasks block it.
  private static func end(_ process: Process) {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  private static func onThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread { continuation.resume(with: Result { try work() }) }.start()
    }
  }
}
