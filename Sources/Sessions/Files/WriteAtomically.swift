import Foundation

/// Writes `data` so that readers see the old file or the new one, never a part; creates the folder.
func writeAtomically(_ data: Data, to url: URL) throws(FileError) {
  do {
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url, options: .atomic)
  } catch {
    throw FileError("\(url.path): cannot write: \(error.inOneLine)")
  }
}
