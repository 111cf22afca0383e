import ArgumentParser
import Foundation
import IO

/// The way files are written.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Replace a file that is there; on a terminal you are asked otherwise.")
  var force = false

  /// The file to write; asks before one that is there is replaced.
  ///
  /// - Parameter inputs: Files that the command reads, which it never writes to; nil for what is not asked for.
  func file(_ path: String, inputs: [String?]) throws -> OutputFile {
    let inputs = inputs.compactMap { $0 }
    do {
      return try OutputFile(path, replaces: force, inputs: inputs)
    } catch {
      guard error.kind == .taken else { throw error }
      guard mayReplace(path) else { throw InputError(description: "\(error), or --force") }
      return try OutputFile(path, replaces: true, inputs: inputs)
    }
  }

  private func mayReplace(_ path: String) -> Bool {
    guard isatty(STDIN_FILENO) == 1, StandardError.isTerminal else { return false }
    StandardError.question("\(path) is there already. Replace it? [y/N] ")
    return ["y", "yes"].contains(readLine()?.lowercased())
  }
}
