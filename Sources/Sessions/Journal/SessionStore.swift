import Foundation
import Glibc

/// The folder of sessions: one journal `NAME.jsonl` each.
public struct SessionStore: Sendable, Hashable {
  public let directory: URL

  /// Journals longer than this are refused: reading them would exhaust memory.
  static let maximumBytes = 512 << 20

  public init(directory: URL) { self.directory = directory }

  /// A session opened for writing.
  public struct Opened: Sendable {
    public let journal: Journal
    /// The session in the journal; empty for a new one.
    public let replay: Replay
    public let isNew: Bool
  }

  /// The file of a session, which need not exist.
  public func url(of name: SessionName) -> URL {
    directory.appending(path: name.description + ".jsonl", directoryHint: .notDirectory)
  }

  // MARK: - Opening

  /// Begins a session that gets its name from the date and the first words of its first message.
  public func create(at date: Date = .now) throws(JournalError) -> Opened {
    try create(free(.provisional(at: date)), isProvisional: true, at: date)
  }

  /// Resumes the session `name`, or begins it.
  ///
  /// Answers that were cut off when the program last ended are closed with a `failed` record.
  public func open(_ name: SessionName, at date: Date = .now) throws(JournalError) -> Opened {
    let url = url(of: name)
    guard exists(name) else { return try create(name, isProvisional: false, at: date) }
    let file = try opened(url, O_RDWR | O_APPEND)
    try lock(file, name)
    let data = try bytes(of: file, path: url.path)
    var replay = try Replay(data, path: url.path)
    let isBlank = replay.created == nil
    let journal = Journal(
      file, length: data.count, store: self, name: name, isProvisional: false, replay: replay, at: date)
    if isBlank { try journal.begin(at: date) }
    for node in replay.session.conversation.nodes where node.answer?.isOpen == true {
      let event = SessionEvent.answerFailed(id: node.id, message: "cut off when the program ended")
      try journal.record(event, at: date)
      try? replay.session.apply(event, at: date)  // cannot fail: the answer is open
    }
    return Opened(journal: journal, replay: replay, isNew: isBlank)
  }

  private func create(
    _ name: SessionName, isProvisional: Bool, at date: Date
  ) throws(JournalError) -> Opened {
    let file = try newFile(name)
    let replay = Replay(created: date)
    let journal = Journal(
      file, length: 0, store: self, name: name, isProvisional: isProvisional, replay: replay, at: date)
    try journal.begin(at: date)
    return Opened(journal: journal, replay: replay, isNew: true)
  }

  /// An empty file for the session `name`, locked; it must not exist.
  func newFile(_ name: SessionName) throws(JournalError) -> FileDescriptor {
    try makeFolder()
    let file = try opened(url(of: name), O_RDWR | O_APPEND | O_CREAT | O_EXCL)
    try lock(file, name)
    return file
  }

  func makeFolder() throws(JournalError) {
    do {
      // Conversations are private: no one else gets to read them.
      try FileManager.default.createDirectory(
        at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .cannotWrite(path: directory.path, why: error.inOneLine)
    }
  }

  func opened(_ url: URL, _ flags: Int32) throws(JournalError) -> FileDescriptor {
    do { return try FileDescriptor(url.path, flags) } catch {
      throw .cannotWrite(path: url.path, why: "\(error)")
    }
  }

  func lock(_ file: borrowing FileDescriptor, _ name: SessionName) throws(JournalError) {
    guard file.tryLock() else { throw .inUse(name, free: free(name)) }
    // The program that held the lock until now may have renamed or removed the file that was opened here.
    var onDisk = stat()
    guard let status = try? file.status(), stat(url(of: name).path, &onDisk) == 0,
      onDisk.st_ino == status.st_ino, onDisk.st_dev == status.st_dev
    else { throw .inUse(name, free: free(name)) }
  }

  // MARK: - Reading

  /// Reads a session without locking it; it may be open elsewhere.
  public func read(_ name: SessionName) throws(JournalError) -> Replay {
    let path = url(of: name).path
    let file: FileDescriptor
    do { file = try FileDescriptor(path, O_RDONLY) } catch {
      throw error.code == ENOENT ? missing(name) : .unreadable(path: path, why: "\(error)")
    }
    return try Replay(bytes(of: file, path: path), path: path)
  }

  func bytes(of file: borrowing FileDescriptor, path: String) throws(JournalError) -> Data {
    do { return try file.readAll(atMost: Self.maximumBytes) } catch {
      throw .unreadable(path: path, why: "\(error)")
    }
  }

  /// Whether there is a session of this name.
  public func exists(_ name: SessionName) -> Bool {
    FileManager.default.fileExists(atPath: url(of: name).path)
  }

  func nearNames(to name: String) -> [String] {
    nearest(to: name, among: names().map(\.description))
  }

  func names() -> [SessionName] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return files.compactMap { file in
      file.hasSuffix(".jsonl") ? try? SessionName(String(file.dropLast(6))) : nil
    }
  }

  // MARK: - Names

  /// `name`, or the first of `name-2`, `name-3`… that is not taken.
  func free(_ name: SessionName) -> SessionName {
    guard exists(name) else { return name }
    var number = 2
    while exists(name.numbered(number)) { number += 1 }
    return name.numbered(number)
  }
}
