import Foundation
import IO

/// Writes `data` so that readers see the old file or the new one, never a part; creates the folder.
///
/// - Parameter replaces: Whether a file that is there may be replaced.
func writeAtomically(_ data: Data, to url: URL, replaces: Bool = true) throws(FileError) {
  do {
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    let file = try OutputFile(url.path, replaces: replaces)
    try file.write(data)
    try file.finish()
  } catch let error as OutputError {
    throw FileError("\(error)", isTaken: error.kind == .taken)
  } catch {
    throw FileError("\(url.path): cannot write: \(error.inOneLine)")
  }
}
