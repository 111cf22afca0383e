import Foundation
import Inference
import Synchronization
import Templates
import Terminal

/// Writes a line to stderr, where notes and progress go; stdout is for data.
func note(_ text: String) {
  FileHandle.standardError.write(Data((text.sanitized + "\n").utf8))
}

/// Writes to stdout without buffering, for text that people read as it comes; other output is printed.
func show(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

/// Prints one JSON object on a line of stdout.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
}

/// The progress of long work on stderr, in place, when that is a terminal.
final class ProgressLine: Sendable {
  private let what: String
  private let isShown = isatty(STDERR_FILENO) == 1
  private let due = ContinuousClock.now + .milliseconds(100)
  /// The percentage on the screen, or `nothing`.
  private let percent = Atomic(nothing)
  private static let nothing = -1

  init(_ what: String) { self.what = what }

  func show(_ fraction: Double) {
    guard isShown else { return }
    let new = fraction < 1 && ContinuousClock.now >= due ? Int(fraction * 100) : Self.nothing
    guard percent.exchange(new, ordering: .relaxed) != new else { return }
    FileHandle.standardError.write(Data("\r\u{1b}[K\(new == Self.nothing ? "" : "\(what) \(new) %")".utf8))
  }
}

/// Reports to a progress line and stops on ^C.
func progress(_ what: String) -> ProgressCheck {
  let line = ProgressLine(what)
  return { fraction in
    let isStopped = Interrupt.isRequested
    line.show(isStopped ? 1 : fraction)  // what is said next begins a line
    return !isStopped
  }
}

/// A new file to write to, in place of one that may be there.
func output(_ path: String) throws -> FileHandle {
  guard FileManager.default.createFile(atPath: path, contents: nil),
    let file = FileHandle(forWritingAtPath: path)
  else { throw InputError(description: "\(path): it cannot be written: choose another place") }
  return file
}

/// A chat template from a file; nil without one.
func chatTemplate(_ path: String?) throws -> String? {
  guard let path else { return nil }
  let source = String(decoding: try input(path), as: UTF8.self)
  do { _ = try ChatTemplate(source) } catch { throw InputError(description: "\(path): \(error)") }
  return source
}

/// Bytes of a file, or of stdin.
func input(_ path: String?) throws -> Data {
  guard let path, path != "-" else { return try FileHandle.standardInput.readToEnd() ?? Data() }
  do { return try Data(contentsOf: URL(filePath: path)) } catch {
    var isFolder: ObjCBool = false
    let reason =
      switch FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      case false: "there is no such file"
      case true where isFolder.boolValue: "is a folder: name a file in it"
      case true: "it cannot be read: try to pipe it in"
      }
    throw InputError(description: "\(path): \(reason)")
  }
}
