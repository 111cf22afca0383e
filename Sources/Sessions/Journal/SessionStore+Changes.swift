import Foundation
import Glibc

/// A session that was put aside: its file is kept, and can be brought back.
public struct DeletedSession: Sendable, Hashable {
  /// The name it had.
  public let name: SessionName
  /// The name of its file in the folder of deleted sessions.
  public let kept: SessionName
}

extension SessionStore {
  /// Sessions that were deleted, and can be restored.
  public var deleted: SessionStore { SessionStore(directory: directory.appending(path: "deleted")) }

  /// Gives a session that is not open another name.
  public func rename(_ name: SessionName, to new: SessionName) throws(JournalError) {
    let file = try locked(name)
    try move(name, to: new, in: self)
    _ = file.number  // holds the lock until here
  }

  /// Copies a session, all its branches included; it may be open.
  ///
  /// - Parameter new: The name of the copy; nil for the next free one.
  public func fork(_ name: SessionName, as new: SessionName? = nil) throws(JournalError) -> SessionName {
    let path = url(of: name).path
    let bytes: Data
    do { bytes = try FileDescriptor(path, O_RDONLY).readAll(atMost: Self.maximumBytes) } catch {
      throw error.code == ENOENT ? missing(name) : .unreadable(path: path, why: "\(error)")
    }
    _ = try Replay(bytes, path: path)  // refuses what is no session
    // A line that is being written is not copied.
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? Data()
    let new = new ?? free(name)
    guard !exists(new) else { throw .exists(new) }
    let file = try newFile(new)
    do { try file.write(whole) } catch {
      unlink(url(of: new).path)
      throw .cannotWrite(path: url(of: new).path, why: "\(error)")
    }
    file.synchronise()
    return new
  }

  /// Puts a session that is not open aside, into the folder of deleted ones.
  public func delete(_ name: SessionName) throws(JournalError) -> DeletedSession {
    let file = try locked(name)
    try deleted.makeFolder()
    let kept = deleted.free(name)
    try move(name, to: kept, in: deleted)
    _ = file.number
    return DeletedSession(name: name, kept: kept)
  }

  /// Brings a deleted session back.
  ///
  /// - Returns: Its name, which is another one where its own was taken meanwhile.
  public func restore(_ session: DeletedSession) throws(JournalError) -> SessionName {
    guard deleted.exists(session.kept) else { throw deleted.missing(session.kept) }
    let name = free(session.name)
    try deleted.move(session.kept, to: name, in: self)
    return name
  }

  /// Brings back the deleted session whose file is called `kept`.
  public func restore(_ kept: SessionName) throws(JournalError) -> SessionName {
    try restore(DeletedSession(name: kept, kept: kept))
  }

  /// A session of this name cannot be found.
  public func missing(_ name: SessionName) -> JournalError {
    .notFound(name.description, known: nearNames(to: name.description))
  }

  /// The file of a session that nobody has open.
  private func locked(_ name: SessionName) throws(JournalError) -> FileDescriptor {
    guard exists(name) else { throw missing(name) }
    let file = try opened(url(of: name), O_RDWR)
    try lock(file, name)
    return file
  }

  /// Moves the file without ever replacing another: the new name is reserved first.
  func move(_ name: SessionName, to new: SessionName, in store: SessionStore) throws(JournalError) {
    guard name != new || store != self else { return }
    let target = store.url(of: new).path
    do { _ = try FileDescriptor(target, O_WRONLY | O_CREAT | O_EXCL) } catch {
      throw error.code == EEXIST ? .exists(new) : .cannotWrite(path: target, why: "\(error)")
    }
    guard Glibc.rename(url(of: name).path, target) == 0 else {
      let code = errno
      unlink(target)
      throw .cannotWrite(path: target, why: String(cString: strerror(code)))
    }
  }
}
