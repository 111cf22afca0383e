import Foundation
import Terminal
import Testing

/// Compares text with a file in `Snapshots`, or writes the file if `PARE_RECORD_SNAPSHOTS` is set.
func expectSnapshot(
  _ text: String, _ name: String, file: String = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let folder = URL(filePath: file).deletingLastPathComponent().appending(path: "Snapshots")
  let url = folder.appending(path: name + ".txt")
  if ProcessInfo.processInfo.environment["PARE_RECORD_SNAPSHOTS"] != nil {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data((text + "\n").utf8).write(to: url)
    return
  }
  guard let recorded = try? String(contentsOf: url, encoding: .utf8) else {
    Issue.record(
      "there is no snapshot \(name): record it with PARE_RECORD_SNAPSHOTS=1", sourceLocation: sourceLocation)
    return
  }
  guard recorded != text + "\n" else { return }
  let old = recorded.split(separator: "\n", omittingEmptySubsequences: false)
  let new = text.split(separator: "\n", omittingEmptySubsequences: false)
  let row = zip(old, new).prefix { $0 == $1 }.count
  Issue.record(
    """
    snapshot \(name) differs from row \(row) on (PARE_RECORD_SNAPSHOTS=1 records it anew):
    was: \(old.indices.contains(row) ? old[row] : "–")
    is:  \(new.indices.contains(row) ? new[row] : "–")
    """, sourceLocation: sourceLocation)
}

extension CellGrid {
  /// The text, framed so that its width shows.
  var framedText: String {
    let edge = "+" + String(repeating: "-", count: size.width) + "+"
    let rows = plainText.split(separator: "\n", omittingEmptySubsequences: false).map { row in
      "|" + row + String(repeating: " ", count: max(0, size.width - String(row).cellWidth)) + "|"
    }
    return ([edge] + rows + [edge]).joined(separator: "\n")
  }
}
