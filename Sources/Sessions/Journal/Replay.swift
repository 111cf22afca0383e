import Foundation

/// A session read from its journal.
public struct Replay: Sendable, Hashable {
  public internal(set) var session = Session()
  /// Notes on lines that were skipped, one line each: a torn last line, records of a newer program.
  public internal(set) var notes: [String] = []
  /// The time at which the session began.
  public internal(set) var created: Date?
  /// Whether the file's last line lacks its end, so that a writer must close it first.
  var endsTorn = false

  init(created: Date) { self.created = created }

  /// A session that is open.
  public init(_ session: Session, created: Date?) {
    self.session = session
    self.created = created
  }

  /// Reads a journal's bytes. Damaged lines cost only themselves: each is skipped with a note, and messages
  /// that followed a lost one are kept by attaching them to the message before it.
  ///
  /// - Parameter path: The file's path, for messages.
  init(_ data: Data, path: String) throws(JournalError) {
    guard !data.isEmpty else { return }  // the program ended before the header was written
    endsTorn = data.last != UInt8(ascii: "\n")
    var unknownKinds: [String: Int] = [:]
    var lineNumber = 0
    var rest = data[...]
    while !rest.isEmpty {
      lineNumber += 1
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      let line = rest[..<(end ?? rest.endIndex)]
      rest = end.map { rest[($0 + 1)...] } ?? Data()
      if line.isEmpty { continue }  // closes a torn line
      do {
        let decoded = try JournalCoding.decode(line), record = decoded.record
        if lineNumber == 1 {
          try readHeader(record, path: path)
        } else if let event = try record.event() {
          try apply(event, at: record.at, line: lineNumber)
          if decoded.hasUnknown, let fields = JournalCoding.unknownFields(in: line, record) {
            session.keep(fields)
          }
        } else {
          unknownKinds[record.kind.printable, default: 0] += 1
          try session.apply(.unknown(line: Data(line)), at: record.at)
        }
      } catch let error as JournalError {
        throw error
      } catch {
        guard lineNumber > 1 || end == nil else {
          throw .unreadable(path: path, why: "this is not a session of pare: line 1: \(error.inOneLine)")
        }
        note(
          lineNumber,
          end == nil ? "the last line was cut off and is left out" : "left out: \(error.inOneLine)")
      }
    }
    for (kind, count) in unknownKinds.sorted(by: { $0.key < $1.key }) {
      notes.append(
        "\(count) record\(count == 1 ? "" : "s") of the unknown kind “\(kind)” left out: "
          + "a newer pare wrote this session"
      )
    }
  }

  private mutating func readHeader(_ record: JournalRecord, path: String) throws(JournalError) {
    guard record.kind == "session", let version = record.version else {
      throw .unreadable(path: path, why: "this is not a session of pare: line 1 is no “session” record")
    }
    guard version == Journal.formatVersion else {
      throw .unreadable(
        path: path,
        why: "format \(version) of a newer pare; this one reads format \(Journal.formatVersion): update it")
    }
    created = record.at
  }

  private mutating func apply(_ event: SessionEvent, at date: Date, line: Int) throws(SessionError) {
    var event = event
    if let parent = event.parent, session.conversation[parent] == nil {
      let previous = session.conversation.nodes.last?.id
      note(
        line, "the message before it is lost; it follows \(previous.map { "message \($0)" } ?? "nothing") now"
      )
      event = event.following(previous)
    }
    try session.apply(event, at: date)
  }

  private mutating func note(_ line: Int, _ text: String) {
    let limit = 50  // a ruined file must not fill memory or the screen with notes
    if notes.count < limit { notes.append("line \(line): \(text)") }
    if notes.count == limit { notes.append("more lines could not be read") }
  }
}

extension SessionEvent {
  fileprivate var parent: Int? {
    switch self {
    case .message(_, let parent, _, _): parent
    case .answerBegan(_, let parent, _, _, _): parent
    default: nil
    }
  }

  fileprivate func following(_ parent: Int?) -> SessionEvent {
    switch self {
    case .message(let id, _, let role, let content):
      .message(id: id, parent: parent, role: role, content: content)
    case .answerBegan(let id, let old, let model, let plan, let sampling):
      .answerBegan(id: id, parent: parent ?? old, model: model, plan: plan, sampling: sampling)
    default: self
    }
  }
}
