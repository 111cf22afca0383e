import Foundation
import IO

/// The lines that were typed, oldest first, in a file: one a row, after the time in seconds since 1970.
/// Newlines and backslashes in a line are escaped: readline's own format loses blank lines and mistakes lines
/// such as `#3 ...` for times.
struct HistoryFile {
  let path: String
  /// The number of lines that are kept; the file is cut to that when it has grown to twice as many.
  static let limit = 2000

  init(path: String) {
    self.path = path
  }

  /// The lines in the file, the newest `limit` of them; none if it cannot be read.
  func load() -> [String] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    let rows = data.split(separator: UInt8(ascii: "\n"))
    if rows.count > 2 * Self.limit {
      shorten(to: rows.suffix(Self.limit))
    }
    return rows.suffix(Self.limit).map { row in
      let row = String(decoding: row, as: UTF8.self)
      return Self.unescape(row.drop { $0.isASCII && $0.isNumber }.dropFirst())
    }
  }

  /// Adds a line. A line that cannot be written is only not remembered: no reason to stop a person from
  /// typing.
  func append(_ line: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)  // prompts are private
    guard file >= 0 else { return }
    defer { close(file) }
    // In one write, so that several programs can share the file.
    let row = Array("\(Int(Date().timeIntervalSince1970)) \(Self.escape(line))\n".utf8)
    _ = row.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
  }

  /// Losing this costs nothing: the file is shortened another time.
  private func shorten(to rows: ArraySlice<Data>) {
    guard let file = try? OutputFile(path, replaces: true) else { return }
    try? file.write(rows.map { $0 + [UInt8(ascii: "\n")] }.joined())
    try? file.finish()
    try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }

  private static func escape(_ line: String) -> String {
    var result = ""
    for scalar in line.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func unescape(_ row: Substring) -> String {
    var result = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in row.unicodeScalars where scalar != "\0" {
      if isEscaped {
        result.append(scalar == "n" ? "\n" : scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
