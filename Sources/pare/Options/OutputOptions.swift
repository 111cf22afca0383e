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
      guard Question.isYes("\(path) is there already. Replace it?") else {
        throw InputError(description: "\(error), or --force")
      }
      return try OutputFile(path, replaces: true, inputs: inputs)
    }
  }
}
