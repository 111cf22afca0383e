import Foundation
import Testing

/// A section of a document that is made from the program's own tables: the lines between `<!-- NAME: begin
/// -->` and `<!-- NAME: end -->`.
struct DocumentSection {
  private let url: URL
  private let name: String

  /// - Parameter path: From the root of the repository.
  init(_ path: String, _ name: String, file: String = #filePath) {
    var root = URL(filePath: file)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    url = root.appending(path: path)
    self.name = name
  }

  /// Compares the section with `lines`, or writes them there if `PARE_RECORD_SNAPSHOTS` is set.
  func expect(_ lines: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let text = try String(contentsOf: url, encoding: .utf8)
    let begin = "<!-- \(name): begin -->\n", end = "<!-- \(name): end -->\n"
    guard let start = text.range(of: begin)?.upperBound,
      let stop = text.range(of: end, range: start..<text.endIndex)?.lowerBound
    else {
      Issue.record("\(url.lastPathComponent) has no section “\(name)”", sourceLocation: sourceLocation)
      return
    }
    let expected = "\n" + lines.joined(separator: "\n") + "\n\n"
    if ProcessInfo.processInfo.environment["PARE_RECORD_SNAPSHOTS"] != nil {
      try Data(text.replacingCharacters(in: start..<stop, with: expected).utf8).write(to: url)
      return
    }
    guard text[start..<stop] != expected else { return }
    let old = text[start..<stop].split(separator: "\n"), new = expected.split(separator: "\n")
    let row = zip(old, new).prefix { $0 == $1 }.count
    Issue.record(
      """
      \(url.lastPathComponent), section “\(name)”, differs from what the program has \
      (PARE_RECORD_SNAPSHOTS=1 writes it anew):
      is:        \(old.indices.contains(row) ? old[row] : "–")
      should be: \(new.indices.contains(row) ? new[row] : "–")
      """, sourceLocation: sourceLocation)
  }
}

/// A table in Markdown, as lines.
struct MarkdownTable {
  private(set) var lines: [String]

  init(_ header: String..., rows: [[String]]) {
    lines = [Self.row(header), "|" + String(repeating: "---|", count: header.count)] + rows.map(Self.row)
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
  }
}

extension String {
  /// As code in Markdown, also where it holds a backtick; nothing for nothing.
  var code: String {
    if isEmpty { return "" }
    return contains("`") ? "`` \(self) ``" : "`\(self)`"
  }
}
