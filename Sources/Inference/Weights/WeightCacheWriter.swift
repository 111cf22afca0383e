import Foundation
import GGUF
import Quantization

/// Writes packed weights to the ``WeightCache``, a piece at a time, so that its user can do other things in
/// between.
///
/// The file appears under its name when all of it is written. Several writers, also of several programs, do
/// not disturb each other: each has a file of its own, and the last that is renamed stays.
public final class WeightCacheWriter: @unchecked Sendable {  // used by one thread at a time
  private let cache: WeightCache
  private let layout: CachedLayout
  /// Those with pieces that are still to be written.
  private var matrices: [Weights.Place: PackedMatrix]
  private var checksums: [UInt64] = []
  private let partPath: String
  private var descriptor: Int32 = -1

  static let ending = ".part"

  /// nil where the limit leaves no room for the file.
  init?(_ cache: WeightCache, _ model: Model, _ matrices: [Weights.Place: PackedMatrix]) {
    layout = CachedLayout(model)
    guard layout.fileBytes <= cache.limit else { return nil }
    self.cache = cache
    self.matrices = matrices
    partPath = cache.path(layout) + "-\(getpid())-\(UInt64.random(in: 0...UInt64.max))" + Self.ending
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(partPath)
  }

  /// Writes up to 4 MB.
  ///
  /// - Returns: Whether there is more to write.
  /// - Throws: ``WeightCacheError``. What was written goes with the writer, as it does when that goes before
  ///   the end.
  public func writePiece() throws(WeightCacheError) -> Bool {
    if descriptor < 0 { try begin() }
    let (place, range) = layout.pieces[checksums.count]
    guard let matrix = matrices[place], let start = layout.matrices[place]?.lowerBound else {
      preconditionFailure("a baseline has all matrices")
    }
    let pages = matrix.pages[range.lowerBound - start..<range.upperBound - start]
    let piece = UnsafeRawBufferPointer(rebasing: pages)
    guard write(piece, at: range.lowerBound) else { throw failure() }
    checksums.append(Checksum.of(piece))
    if range.upperBound - start == matrix.pages.count { matrices[place] = nil }
    guard checksums.count == layout.pieces.count else { return true }
    try end()
    return false
  }

  private func begin() throws(WeightCacheError) {
    do {
      try FileManager.default.createDirectory(
        at: cache.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw WeightCacheError("\(cache.folder.path): cannot be created")
    }
    cache.makeRoom(for: layout.fileBytes)
    var disk = statvfs()
    guard statvfs(cache.folder.path, &disk) == 0 else { throw failure() }
    guard Int(disk.f_bavail) * Int(disk.f_frsize) / 2 > layout.fileBytes else {
      throw WeightCacheError("\(cache.folder.path): the disk is nearly full")
    }
    descriptor = open(partPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure() }
  }

  private func end() throws(WeightCacheError) {
    let isWritten = layout.header(checksums).withUnsafeBytes { write($0, at: 0) }
    // Without fsync: what a crash of the system leaves of the file is found by its checksums.
    guard isWritten, rename(partPath, cache.path(layout)) == 0 else { throw failure() }
    close(descriptor)
    descriptor = -1
  }

  /// Whether all was written; else `errno` says why not.
  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress! + written, bytes.count - written, off_t(offset + written))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return false }
      written += count
    }
    return true
  }

  private func failure() -> WeightCacheError {
    WeightCacheError("\(cache.folder.path): \(String(cString: strerror(errno)))")
  }
}

/// Why packed weights are not kept. Nothing else depends on it.
public struct WeightCacheError: Error, CustomStringConvertible {
  public let description: String

  init(_ problem: String) {
    description = "packed weights are not kept for the next start: \(problem)"
  }
}
