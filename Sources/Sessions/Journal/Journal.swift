import Foundation
import Glibc
import Synchronization

/// The file that a session is written to as it happens: JSON Lines, only ever appended to, readable by
/// people and scripts (`sessions/README.md` describes it).
///
/// **What survives what.** ``record(_:at:)`` returns when the kernel has the line, so a crash or kill of the
/// program loses nothing that `record` was called for. The disk is told to keep it by `fdatasync` on a thread
/// of its own, at most once a second and when the journal closes; so a power cut loses a second at most, and
/// the screen never waits for a disk. A line cut short by either is left out on reading.
///
/// **A line that is refused waits.** Where the disk is full, lines wait in memory, in order, and are tried
/// again with the next one, once a second, and when the journal closes; ``trouble`` says why they wait.
///
/// **A file that is gone is written anew.** Each write looks whether the file at ``url`` is the one that is
/// open, at the length it was left with. Where it was deleted, with or without its folder, the whole session
/// is written again; where another is in its place, or it was changed, under the next free name.
///
/// **One writer.** The file is locked (`flock`) while open; reading needs no lock.
///
/// Opened by ``SessionStore``; safe to use from any thread.
public final class Journal: Sendable {
  /// Raised only when older programs could no longer make sense of the file. New kinds of record and new
  /// keys do not raise it: readers let them pass.
  public static let formatVersion = 1

  /// The number of times that one session is written anew; more often, something else is wrong.
  private static let maximumRenewals = 20

  private struct State: ~Copyable {
    var file: FileDescriptor
    /// Bytes of the file, all of them whole lines but for a torn one that it may have ended with.
    var length: Int
    var name: SessionName
    /// Whether the name was not chosen by the user, and shall be made of the first message's words.
    var isProvisional: Bool
    let created: Date
    /// The session that the file and `waiting` hold together.
    var session: Session
    /// Lines that are not in the file yet.
    var waiting: Data
    var trouble: JournalError?
    /// Sentences about what became of the file, which nobody has read yet.
    var news: [String] = []
    var renewals = 0
    var isClosed = false
    var isSynchronising = false
  }

  private let store: SessionStore
  private let state: Mutex<State>
  private let synchroniser = DispatchQueue(label: "pare.journal.synchronise")

  /// - Parameters:
  ///   - file: Locked, and as long as `replay` was read from.
  ///   - length: Of the file in bytes.
  init(
    _ file: consuming FileDescriptor, length: Int, store: SessionStore, name: SessionName,
    isProvisional: Bool, replay: Replay, at date: Date
  ) {
    self.store = store
    state = Mutex(
      State(
        file: file, length: length, name: name, isProvisional: isProvisional, created: replay.created ?? date,
        session: replay.session, waiting: replay.endsTorn ? Data("\n".utf8) : Data()))
  }

  /// The session's present name.
  public var name: SessionName { state.withLock { $0.name } }
  /// The file's present place.
  public var url: URL { store.url(of: name) }
  /// Why lines wait that are not in the file; nil while it holds all that was recorded.
  public var trouble: JournalError? { state.withLock { $0.trouble } }

  /// What became of the file since this was last asked, a sentence each: it was written anew.
  public func takeNews() -> [String] {
    state.withLock { state in
      defer { state.news = [] }
      return state.news
    }
  }

  /// Appends `event`. Call it before the event's effect is shown.
  ///
  /// - Throws: ``JournalError`` when the event is not in the file. It waits, and is written with the next;
  ///   the user must be told that the session is not being saved.
  public func record(_ event: SessionEvent, at date: Date = .now) throws(JournalError) {
    try append({ try JournalCoding.encode(event, at: date) }) { session in
      // What does not fit the session is still in the file for whoever reads it.
      try? session.apply(event, at: date)
    }
    if case .message(_, _, .user, let content) = event { settleName(content, at: date) }
  }

  /// Appends the line that begins every journal.
  func begin(at date: Date) throws(JournalError) {
    try append({ try JournalCoding.encode(.header(at: date)) }) { _ in }
  }

  private func append(
    _ line: () throws -> Data, _ change: (inout Session) -> Void
  ) throws(JournalError) {
    let result = state.withLock { state -> Result<Void, JournalError> in
      Result { () throws(JournalError) in
        let path = store.url(of: state.name).path
        guard !state.isClosed else { throw .cannotWrite(path: path, why: "the session is closed") }
        do { state.waiting += try line() } catch {
          throw .cannotWrite(path: path, why: error.inOneLine)
        }
        change(&state.session)
        try write(&state)
      }
    }
    try result.get()
  }

  /// Tries again to write the lines that wait.
  public func retry() throws(JournalError) {
    try state.withLock { state -> Result<Void, JournalError> in
      Result { () throws(JournalError) in if !state.isClosed { try write(&state) } }
    }.get()
  }

  /// Gives the session another name.
  public func rename(to name: SessionName) throws(JournalError) {
    try state.withLock { state -> Result<Void, JournalError> in
      Result { () throws(JournalError) in
        try store.move(state.name, to: name, in: store)
        state.name = name
        state.isProvisional = false
      }
    }.get()
  }

  /// Ends writing, waits for the disk and gives up the lock; afterwards ``trouble`` says whether all is in
  /// the file. A session that got neither a name nor a message leaves no file.
  public func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      if state.session.conversation.isEmpty, state.isProvisional {
        if isInPlace(state) { unlink(store.url(of: state.name).path) }
        state.trouble = nil
      } else {
        try? write(&state)  // it keeps its trouble
        state.file.synchronise()
      }
      state.isClosed = true
      state.file.unlock()
    }
  }

  deinit { close() }

  // MARK: - Writing

  /// Writes the lines that wait, into the file at the session's place.
  private func write(_ state: inout State) throws(JournalError) {
    do {
      if isInPlace(state) { try appendWaiting(&state) } else { try renew(&state) }
      state.trouble = nil
    } catch {
      state.trouble = error
    }
    if !state.isSynchronising {
      state.isSynchronising = true
      synchroniser.asyncAfter(deadline: .now() + 1) { [weak self] in self?.synchronise() }
    }
    if let trouble = state.trouble { throw trouble }
  }

  /// Whether the file at the session's place is the open one, and nobody else has written to it.
  private func isInPlace(_ state: borrowing State) -> Bool {
    var there = stat()
    guard stat(store.url(of: state.name).path, &there) == 0, let own = try? state.file.status() else {
      return false
    }
    return there.st_dev == own.st_dev && there.st_ino == own.st_ino && Int(own.st_size) == state.length
  }

  private func appendWaiting(_ state: inout State) throws(JournalError) {
    guard !state.waiting.isEmpty else { return }
    do { try state.file.write(state.waiting) } catch {
      ftruncate(state.file.number, off_t(state.length))  // a part of a line helps nobody
      throw .cannotWrite(path: store.url(of: state.name).path, why: "\(error)")
    }
    state.length += state.waiting.count
    state.waiting = Data()
  }

  /// Writes the whole session into a new file: of the same name where that is free.
  private func renew(_ state: inout State) throws(JournalError) {
    let old = store.url(of: state.name)
    guard state.renewals < Self.maximumRenewals else {
      throw .cannotWrite(path: old.path, why: "another program changes it again and again")
    }
    let name = store.free(state.name)
    let file = try store.newFile(name)
    var text = Data()
    do {
      text = try JournalCoding.encode(.header(at: state.created))
      text += try JournalCoding.encode(state.session)
      try file.write(text)
    } catch {
      unlink(store.url(of: name).path)
      throw .cannotWrite(path: store.url(of: name).path, why: error.inOneLine)
    }
    state.news.append(
      name == state.name
        ? "\(old.path) was gone: the session is written anew"
        : "\(old.path) was changed by another program: the session goes on as “\(name)”, and is whole there")
    state.renewals += 1
    state.file = file
    (state.name, state.length, state.waiting) = (name, text.count, Data())
  }

  private func synchronise() {
    // The duplicate lets writers go on while the disk works.
    let duplicate = state.withLock { state -> Int32 in
      state.isSynchronising = false
      guard !state.isClosed else { return -1 }
      if state.trouble != nil { try? write(&state) }
      return fcntl(state.file.number, F_DUPFD_CLOEXEC, 0)
    }
    guard duplicate >= 0 else { return }
    fdatasync(duplicate)
    Glibc.close(duplicate)
  }

  /// Names the session after the first words of a message. The provisional name stays if that fails.
  private func settleName(_ text: String, at date: Date) {
    let isProvisional = state.withLock { state in
      defer { state.isProvisional = false }
      return state.isProvisional
    }
    guard isProvisional, let name = SessionName.automatic(for: text, at: date) else { return }
    try? rename(to: store.free(name))
  }
}
