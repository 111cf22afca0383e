import ArgumentParser
import Foundation
import GGUF
import IO
import Inference
import Sessions

/// The end of the program after an error: one line on stderr, and the exit code that scripts rely on.
struct Failure {
  let message: String
  let code: Int32

  /// Runtime error; input missing or not a model; interrupted. Usage errors have the parser's own code, 64.
  static let runtimeError: Int32 = 1
  static let noInput: Int32 = 66
  static let interrupted: Int32 = 130

  /// - Parameter command: The root of the command line, which words usage errors, help and version.
  init<Command: ParsableCommand>(_ error: any Error, of command: Command.Type) {
    switch error {
    case is CancellationError:
      self.init(message: "interrupted", code: Self.interrupted)
    case is GGUFError, is ModelLookupError, is InputError:
      self.init(message: "\(error)", code: Self.noInput)
    case let error as OutputError:
      // A name that cannot be used is told from a disk that is full.
      let codes: [OutputError.Kind: Int32] = [
        .place: Self.noInput, .taken: Self.noInput, .input: ExitCode.validationFailure.rawValue,
      ]
      self.init(message: "\(error)", code: codes[error.kind] ?? Self.runtimeError)
    case is PlanError, is ExportError:
      self.init(message: "\(error)", code: ExitCode.validationFailure.rawValue)
    case let exit as ExitCode:
      self.init(message: "", code: exit.rawValue)
    default:
      let code = command.exitCode(for: error)
      if code == .success {  // help and version are requests, not errors
        self.init(request: command.fullMessage(for: error))
      } else if code == .validationFailure {
        let hint = " (`pare --help` shows the usage)"
        self.init(message: command.message(for: error).oneLine + hint, code: code.rawValue)
      } else {
        self.init(message: "\(error)".oneLine, code: Self.runtimeError)
      }
    }
  }

  private init(message: String, code: Int32) {
    self.message = message
    self.code = code
  }

  /// Prints what was asked for.
  private init(request text: String) {
    do {
      try TextOutput.standard.text(text + "\n")
      self.init(message: "", code: 0)
    } catch {
      self.init(message: "\(error)", code: Self.runtimeError)
    }
  }

  /// Ends the program.
  func exit() -> Never {
    if !message.isEmpty { note("pare: \(message)") }
    // Lines that were printed before the error still count.
    do { try TextOutput.standard.flush() } catch {
      note("pare: \(error)")
      Foundation.exit(Self.runtimeError)
    }
    Foundation.exit(code)
  }
}

extension String {
  /// Lines joined by spaces, items of lists by commas.
  fileprivate var oneLine: String {
    split(whereSeparator: \.isNewline).reduce("") { text, line in
      let line = line.trimmingCharacters(in: .whitespaces)
      guard line.hasPrefix("- ") else { return text.isEmpty ? line : text + " " + line }
      return text + (text.hasSuffix(":") ? " " : ", ") + line.dropFirst(2)
    }
  }
}
