import Foundation
import IO
import Inference
import Synchronization
import Templates

/// Writes a line to stderr, where notes and progress go; stdout is for data.
func note(_ text: String) { StandardError.line(text) }

/// Writes a line of a report to stdout.
func printLine(_ text: String) throws { try TextOutput.standard.line(text) }

/// Prints one JSON object on a line of stdout; a note says which numbers are null in it, since they are none.
func printJSON(_ value: some Encodable) throws { try printJSON(NumberedJSON(value)) }

func printJSON(_ json: NumberedJSON) throws {
  try TextOutput.standard.json(String(decoding: json.data, as: UTF8.self))
  json.noteNulls()
}

extension NumberedJSON {
  /// Says which numbers are null in it, since they are none.
  func noteNulls() {
    if !nulls.isEmpty { note("null in the JSON, since not finite: \(nulls.joined(separator: ", "))") }
  }
}

/// The progress of long work on stderr, in place, when that is a terminal.
final class ProgressLine: Sendable {
  private let what: String
  private let due = ContinuousClock.now + .milliseconds(100)
  /// The percentage on the screen, or `nothing`.
  private let percent = Atomic(nothing)
  private static let nothing = -1

  init(_ what: String) { self.what = what }

  func show(_ fraction: Double) {
    guard StandardError.isTerminal else { return }
    let new =
      fraction < 1 && ContinuousClock.now >= due
      ? Int(nearest: (fraction * 100).rounded(.down)) : Self.nothing
    guard percent.exchange(new, ordering: .relaxed) != new else { return }
    StandardError.progress(new == Self.nothing ? "" : "\(what) \(new) %")
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

/// A chat template from a file; nil without one.
func chatTemplate(_ path: String?) throws -> String? {
  guard let path else { return nil }
  let source = String(decoding: try input(path), as: UTF8.self)
  do { _ = try ChatTemplate(source) } catch { throw InputError(description: "\(path): \(error)") }
  return source
}

/// Bytes of a file, or of stdin.
func input(_ path: String?) throws -> Data { try InputFile.contents(path) }
