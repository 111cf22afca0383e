import Foundation
import GGUF
import Quantization
import Synchronization

/// An open file of the ``WeightCache``.
///
/// It is read, not mapped: packed weights belong in huge pages, which files are rarely mapped in, and decoding
/// from small ones takes 5 to 7 % longer.
final class CachedWeights: Sendable {
  private let layout: CachedLayout
  private let checksums: [UInt64]
  private let descriptor: Int32
  private let damage = StopFlag()

  /// nil where there is no file that is this user's own, as large as it must be, with a sound header.
  init?(path: String, _ layout: CachedLayout) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      status.st_mode & (S_IWGRP | S_IWOTH) == 0, Int(status.st_size) == layout.fileBytes,
      let checksums = layout.checksums(of: descriptor)
    else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.layout = layout
    self.checksums = checksums
  }

  deinit { close(descriptor) }

  /// Whether all that was read so far had the right checksums.
  var isSound: Bool { !damage.isSet }

  func contains(_ place: Weights.Place) -> Bool { layout.matrices[place] != nil }

  /// The numbers of the pieces that make a matrix.
  func pieces(of place: Weights.Place) -> [Int] {
    layout.pieces.indices.filter { layout.pieces[$0].place == place }
  }

  /// Reads a piece into the matrix that it is a part of. Several threads may read at once.
  ///
  /// - Returns: Whether it is what was written. A file that cannot be read counts as damaged.
  func read(_ piece: Int, into matrix: PackedMatrix) -> Bool {
    let (place, range) = layout.pieces[piece]
    guard let start = layout.matrices[place]?.lowerBound else { return false }
    let isRead = matrix.fill(range.lowerBound - start..<range.upperBound - start) { bytes in
      readFully(descriptor, into: bytes, at: range.lowerBound)
        && Checksum.of(UnsafeRawBufferPointer(bytes)) == checksums[piece]
    }
    if !isRead { damage.set() }
    return isRead
  }
}

/// Whether all of `bytes` could be read from a place of a file.
func readFully(_ descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
  var done = 0
  while done < bytes.count {
    let count = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return false }
    done += count
  }
  return true
}
