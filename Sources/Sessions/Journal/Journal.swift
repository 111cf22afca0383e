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
/// **One writer.** The file is locked (`flock`) while open; reading needs no lock.
///
/// Opened by ``SessionStore``; safe to use from any thread.
public final class Journal: Sendable {
  /// Raised only when older programs could no longer make sense of the file. New kinds of record and new
  /// keys do not raise it: readers let them pass.
  public static let formatVersion = 1

  private struct State: ~Copyable {
    let file: FileDescriptor
    var name: SessionName
    /// Whether the name was not chosen by the user, and shall be made of the first message's words.
    var isProvisional: Bool
    /// Whether no message was written yet.
    var isSilent: Bool
    /// Whether the last write failed half-way, so that the next one begins with a line end.
    var endsTorn: Bool
    var isClosed = false
    var isSynchronising = false
  }

  private let store: SessionStore
  private let state: Mutex<State>
  private let synchroniser = DispatchQueue(label: "pare.journal.synchronise")

  init(
    _ file: consuming FileDescriptor, store: SessionStore, name: SessionName, isProvisional: Bool,
    isSilent: Bool, endsTorn: Bool
  ) {
    self.store = store
    state = Mutex(
      State(
        file: file, name: name, isProvisional: isProvisional, isSilent: isSilent, endsTorn: endsTorn))
  }

  /// The session's present name.
  public var name: SessionName { state.withLock { $0.name } }
  /// The file's present place.
  public var url: URL { store.url(of: name) }

  /// Appends `event`. Call it before the event's effect is shown; when it throws, the user must be told that
  /// the session is not being saved.
  public func record(_ event: SessionEvent, at date: Date = .now) throws(JournalError) {
    try append(JournalRecord(event, at: date))
    if case .message(_, _, .user, let content) = event { settleName(content, at: date) }
  }

  func append(_ record: JournalRecord) throws(JournalError) {
    let result = state.withLock { state -> Result<Void, JournalError> in
      let path = store.url(of: state.name).path
      guard !state.isClosed else { return .failure(.cannotWrite(path: path, why: "the session is closed")) }
      do {
        var line = try JournalCoding.encode(record)
        if state.endsTorn { line.insert(UInt8(ascii: "\n"), at: 0) }
        state.endsTorn = true
        try state.file.write(line)
        state.endsTorn = false
        if record.role != nil { state.isSilent = false }
      } catch {
        return .failure(.cannotWrite(path: path, why: error.inOneLine))
      }
      if !state.isSynchronising {
        state.isSynchronising = true
        synchroniser.asyncAfter(deadline: .now() + 1) { [weak self] in self?.synchronise() }
      }
      return .success(())
    }
    try result.get()
  }

  /// Gives the session another name.
  public func rename(to name: SessionName) throws(JournalError) {
    try state.withLock { state -> Result<Void, JournalError> in
      Result { () throws(JournalError) in
        try store.move(state.name, to: name)
        state.name = name
        state.isProvisional = false
      }
    }.get()
  }

  /// Ends writing, waits for the disk and gives up the lock. A session that got neither a name nor a message
  /// leaves no file.
  public func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      if state.isSilent && state.isProvisional {
        unlink(store.url(of: state.name).path)
      } else {
        state.file.synchronise()
      }
      state.file.unlock()
    }
  }

  deinit { close() }

  private func synchronise() {
    // The duplicate lets writers go on while the disk works.
    let duplicate = state.withLock { state -> Int32 in
      state.isSynchronising = false
      return state.isClosed ? -1 : fcntl(state.file.number, F_DUPFD_CLOEXEC, 0)
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
