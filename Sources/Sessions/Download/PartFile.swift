import Foundation
import Glibc
import Synchronization

/// A file that grows over several runs of the program, with a note of its origin beside it (`NAME.json`).
/// Locked while open, so that two programs never write the same one.
final class PartFile: Sendable {
  /// The origin of the bytes so far. Bytes of another origin are thrown away.
  struct Origin: Codable, Equatable {
    /// The address, or the packages.
    var source: String
    /// The version of the file as the server gave it: an ETag or a date.
    var validator: String?
    /// The number of complete parts of a model in several, and their bytes.
    var completeParts = 0
    var completeBytes = 0
  }

  let url: URL
  private let file: FileDescriptor
  private let state: Mutex<(origin: Origin, length: Int)>
  private let isGone = Atomic(false)

  var origin: Origin { state.withLock { $0.origin } }
  var length: Int { state.withLock { $0.length } }

  /// Opens `url`, keeping the bytes that are there only if they came from `source`.
  init(_ url: URL, source: String) throws(DownloadError) {
    self.url = url
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      file = try FileDescriptor(url.path, O_RDWR | O_APPEND | O_CREAT, mode: 0o644)
    } catch {
      throw DownloadError("\(url.path): cannot write: \(error.inOneLine)")
    }
    guard file.tryLock() else {
      throw DownloadError("\(url.path): another pare is fetching this model: wait until it is done")
    }
    let note = try? FileDescriptor(Self.noteURL(url).path, O_RDONLY).readAll(atMost: 1 << 16)
    let known = note.flatMap { try? JSONDecoder().decode(Origin.self, from: $0) }
    let size = (try? file.status()).map { Int($0.st_size) } ?? 0
    if let known, known.source == source {
      state = Mutex((known, size))
    } else {
      state = Mutex((Origin(source: source), size))
      try truncate(to: 0)
    }
  }

  deinit {
    if length == 0, !isGone.load(ordering: .relaxed) { remove() }  // nothing to go on with
  }

  private static func noteURL(_ url: URL) -> URL { URL(filePath: url.path + ".json") }

  func append(_ data: Data) throws(DownloadError) {
    do { try file.write(data) } catch { throw failure(error) }
    state.withLock { $0.length += data.count }
  }

  func truncate(to length: Int) throws(DownloadError) {
    guard ftruncate(file.number, off_t(length)) == 0 else { throw failure(.init(code: errno)) }
    state.withLock { $0.length = length }
  }

  func note(_ change: (inout Origin) -> Void) throws(DownloadError) {
    var origin = origin
    change(&origin)
    state.withLock { $0.origin = origin }
    do { try writeAtomically(JSONEncoder().encode(origin), to: Self.noteURL(url)) } catch {
      throw DownloadError(error.inOneLine)
    }
  }

  /// Gives the file its final name once it is on the disk.
  func move(to target: URL) throws(DownloadError) {
    file.synchronise()
    guard rename(url.path, target.path) == 0 else { throw failure(.init(code: errno)) }
    isGone.store(true, ordering: .relaxed)
    unlink(Self.noteURL(url).path)
  }

  func remove() {
    isGone.store(true, ordering: .relaxed)
    unlink(url.path)
    unlink(Self.noteURL(url).path)
  }

  private func failure(_ error: FileDescriptor.Failure) -> DownloadError {
    guard error.code == ENOSPC || error.code == EDQUOT else {
      return DownloadError("\(url.path): cannot write: \(error)")
    }
    let folder = url.deletingLastPathComponent().path
    return DownloadError("the disk is full: make room in \(folder) and run this again to go on")
  }
}

/// Throws if the disk of `folder` has less than `bytes` free.
func checkFreeSpace(_ bytes: Int, in folder: URL) throws(DownloadError) {
  var status = statvfs()
  guard statvfs(folder.path, &status) == 0 else { return }  // not known; writing will tell
  let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
  if !overflow, free < UInt64(max(0, bytes)) {
    throw DownloadError(
      "\(folder.path): \(megabytes(bytes)) are needed "
        + "and \(megabytes(Int(clamping: free))) free: "
        + "make room, or set PARE_MODELS to a folder elsewhere")
  }
}

private func megabytes(_ bytes: Int) -> String { "\(bytes / 1_000_000) MB" }
