import Foundation
import IO
import Sessions
import Terminal

/// The user's own editor: `$VISUAL`, else `$EDITOR`, else what the system calls `editor`, else `vi`.
@MainActor
enum UserEditor {
  /// Texts that are longer are taken for a mistake.
  private static let maximumBytes = 16 << 20

  /// Has the user edit a text in a file of its own, which is gone afterwards; returns what the file holds then,
  /// without the line end that editors add.
  ///
  /// - Throws: An error in one line where the editor failed, or left what is no text; the terminal is the screen's
  ///   again in any case.
  static func edit(
    _ text: String, on screen: Screen, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> String {
    // Nobody else gets to read it.
    let folder = FileManager.default.temporaryDirectory.appending(path: "pare-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "message.md").path
    let file = try OutputFile(path, replaces: false, mode: 0o600)
    try file.write((text.isEmpty ? "" : text + "\n").utf8)
    try file.finish()

    let command = ["VISUAL", "EDITOR"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    let status = screen.run(
      command.map { "\($0) \"$1\"" }
        ?? "if command -v editor >/dev/null; then exec editor \"$1\"; else exec vi \"$1\"; fi", argument: path
    )
    guard status == 0 else {
      throw Failure(
        description: status == 127
          ? "there is no editor “\(command ?? "vi")”: set VISUAL or EDITOR to one"
          : "the editor ended with status \(status), so nothing was taken over")
    }
    var edited = try TextFile.read(path, atMost: maximumBytes)
    if edited.last == "\n" { edited.removeLast() }
    return edited
  }

  private struct Failure: Error, CustomStringConvertible {
    let description: String
  }
}
