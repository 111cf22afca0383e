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
  /// The first model; nil if there is none in the beginning of the file.
  public let model: ModelReference?

  /// - Parameters: as the properties.
  public init(
    name: SessionName, modified: Date, bytes: Int, firstPrompt: String?, model: ModelReference? = nil
  ) {
    self.name = name
    self.modified = modified
    self.bytes = bytes
    self.firstPrompt = firstPrompt
    self.model = model
  }
}

extension SessionStore {
  /// All sessions, the most recently used first. Files that are no journals are left out.
  public func list() -> [SessionSummary] {
    names().compactMap(summary).sorted {
      ($1.modified, $0.name.description) < ($0.modified, $1.name.description)
    }
  }

  /// The session to go on with: `remembered`, the one last open, or else the one last written to.
  public func last(_ remembered: String?) -> SessionName? {
    let name = remembered.flatMap { try? SessionName($0) }.flatMap { exists($0) ? $0 : nil }
    return name ?? list().first?.name
  }

  /// Reads only the beginning of the journal, so that long conversations do not make lists slow.
  private func summary(_ name: SessionName) -> SessionSummary? {
    guard let file = try? FileDescriptor(url(of: name).path, O_RDONLY),
      let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG
    else { return nil }
    let size = Int(status.st_size)
    // A first message is nearly always near the beginning; a long system prompt may stand before it.
    var beginning = Beginning()
    for length in [4 << 10, 128 << 10] where beginning.firstPrompt == nil {
      guard let data = try? file.read(from: 0, count: min(size, length)),
        let found = Beginning(data, isWhole: size <= length)
      else { return nil }
      beginning = found
      if size <= length { break }
    }
    let seconds = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    return SessionSummary(
      name: name, modified: Date(timeIntervalSince1970: seconds), bytes: size,
      firstPrompt: beginning.firstPrompt.map {
        $0.split(whereSeparator: \.isWhitespace).joined(separator: " ").printable
      }, model: beginning.model)
  }

  /// What the first lines of a journal tell.
  private struct Beginning {
    var firstPrompt: String?
    var model: ModelReference?

    init() {}

    /// nil where the bytes begin no journal.
    ///
    /// - Parameter isWhole: Whether they are the whole file, so that the last line counts too.
    init?(_ data: Data, isWhole: Bool) {
      var rest = data[...]
      var isFirst = true
      while firstPrompt == nil, !rest.isEmpty {
        let end = rest.firstIndex(of: UInt8(ascii: "\n"))
        guard end != nil || isWhole || isFirst else { break }
        let record = try? JournalCoding.decode(rest[..<(end ?? rest.endIndex)]).record
        if isFirst, record?.kind != "session" { return nil }
        isFirst = false
        if record?.role == .user { firstPrompt = record?.content }
        if record?.kind == "model", model == nil { model = record?.model }
        rest = end.map { rest[($0 + 1)...] } ?? Data()
      }
    }
  }
}
