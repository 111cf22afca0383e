import Foundation
import Glibc
import IO

/// Files of text that people bring into a conversation. They may hold anything.
public enum TextFile {
  /// The largest file that a message takes, in bytes.
  public static let maximumBytes = 1 << 20

  /// The text of a file: UTF-8, without what could steer a terminal.
  ///
  /// - Throws: ``FileError`` for what is no regular file, is too large, or is no text.
  public static func read(_ path: String, atMost limit: Int = maximumBytes) throws(FileError) -> String {
    let data: Data
    do { data = try FileDescriptor(path, O_RDONLY).readAll(atMost: limit) } catch {
      let why =
        switch error.code {
        case ENOENT: "there is no such file"
        case EISDIR: "is a folder: name a file in it"
        case EINVAL, ENXIO: "is no file but a pipe or a device"
        case EFBIG: "is larger than the \(limit >> 20) MB that are read: take a part of it"
        default: "cannot be read: \(error)"
        }
      throw FileError("\(path): \(why)".onOneLine)
    }
    // A NUL is in UTF-8, but in no text.
    guard let text = String(validating: data, as: UTF8.self), !data.contains(0) else {
      throw FileError("\(path): is not text in UTF-8".onOneLine)
    }
    let sanitized = text.sanitized
    return sanitized.unicodeScalars.first == "\u{FEFF}"
      ? String(sanitized.unicodeScalars.dropFirst()) : sanitized
  }

  /// The path that a person typed: `~` is their home.
  public static func expanded(_ path: String) -> String { (path as NSString).expandingTildeInPath }

  /// Whether there is a file, or anything else but a folder, of this name.
  public static func exists(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: expanded(path), isDirectory: &isFolder)
      && !isFolder.boolValue
  }

  /// The names in a folder, sorted, folders with a slash; at most `limit`, and none where it cannot be read.
  public static func names(in folder: String, atMost limit: Int = 5000) -> [String] {
    let path = folder.isEmpty ? "." : expanded(folder)
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return [] }
    return names.prefix(limit).map { name in
      var status = stat()
      let isFolder = stat(path + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      return isFolder ? name + "/" : name
    }.sorted()
  }
}
