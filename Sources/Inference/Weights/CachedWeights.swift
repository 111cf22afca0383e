import Foundation
import GGUF
import Quantization

/// A mapped file of the ``WeightCache``.
final class CachedWeights: @unchecked Sendable {  // a read-only mapping, taken away in deinit
  private let layout: CachedLayout
  private let bytes: UnsafeRawBufferPointer

  /// Maps the file; nil where there is none that is this user's own and as large as it must be.
  /// ``isSound(_:)`` reads it.
  init?(path: String, _ layout: CachedLayout) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      status.st_mode & (S_IWGRP | S_IWOTH) == 0, Int(status.st_size) == layout.fileBytes,
      let address = mmap(nil, layout.fileBytes, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
    else { return nil }
    bytes = UnsafeRawBufferPointer(start: address, count: layout.fileBytes)
    self.layout = layout
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }

  /// Whether the header is that of the model's file and all checksums are right. Brings all pages into
  /// memory, which the first token would do otherwise.
  func isSound(_ pool: ComputePool) -> Bool {
    guard let checksums = layout.checksums(bytes) else { return false }
    let next = Counter(), damaged = StopFlag()
    pool.run { [self] _ in
      while !damaged.isSet, case let index = next.take(), index < checksums.count {
        let piece = UnsafeRawBufferPointer(rebasing: bytes[layout.pieces[index].bytes])
        if Checksum.of(piece) != checksums[index] { damaged.set() }
      }
    }
    return !damaged.isSet
  }

  subscript(place: Weights.Place) -> PackedBytes? {
    layout.matrices[place].map { PackedBytes(UnsafeRawBufferPointer(rebasing: bytes[$0]), keptBy: self) }
  }
}
