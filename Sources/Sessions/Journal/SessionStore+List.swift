import Foundation
import Glibc
import Inference

/// The entry of a session in a list.
public struct SessionSummary: Sendable, Hashable {
  public let name: SessionName
  /// The time of the last change of the file.
  public let modified: Date
  /// The size of the file.
  public let bytes: Int
  /// The beginning of the first message, on one line; nil if there is none.
  public let firstPrompt: String?
}

extension SessionStore {
  /// All sessions, the most recently used first. Files that are no journals are left out.
  public func list() -> [SessionSummary] {
    names().compactMap(summary).sorted {
      ($1.modified, $0.name.description) < ($0.modified, $1.name.description)
    }
  }

  /// Reads only the beginning of the journal, so that long conversations do not make lists slow.
  private func summary(_ name: SessionName) -> SessionSummary? {
    guard let file = try? FileDescriptor(url(of: name).path, O_RDONLY),
      let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG,
      let beginning = try? file.read(from: 0, count: min(Int(status.st_size), 128 << 10))
    else { return nil }
    let records = beginning.split(separator: UInt8(ascii: "\n")).lazy.map { try? JournalCoding.decode($0) }
    guard beginning.isEmpty || records.first??.kind == "session" else { return nil }
    let prompt = records.compactMap { $0?.role == .user ? $0?.content : nil }.first
    let seconds = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    return SessionSummary(
      name: name, modified: Date(timeIntervalSince1970: seconds), bytes: Int(status.st_size),
      firstPrompt: prompt.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ").printable })
  }
}
