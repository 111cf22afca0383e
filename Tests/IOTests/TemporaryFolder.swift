import Foundation
import Glibc

/// A folder that is removed with the value.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.appending(path: "pare-io-\(UUID())").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Makes a file and returns its path.
  func file(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> String {
    let path = path + "/" + name
    try Data(text.utf8).write(to: URL(filePath: path))
    chmod(path, mode)
    return path
  }

  func link(_ name: String, to target: String) throws -> String {
    try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
    return path + "/" + name
  }

  /// Everything in it, sorted.
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// The contents of a file; nil without one.
func contents(_ path: String) -> String? {
  FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
}

/// Permissions of a file.
func mode(_ path: String) -> mode_t {
  var status = stat()
  lstat(path, &status)
  return status.st_mode & 0o7777
}
