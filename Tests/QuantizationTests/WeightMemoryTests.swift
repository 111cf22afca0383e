import Foundation
import Testing

@testable import Quantization

@Suite struct WeightMemoryTests {
  /// Pieces do not overlap, begin at pages, and hold zeros.
  @Test func piecesAreApart() throws {
    let sizes = [1, 4096, 5000, 1 << 20, 3 << 20, 40 << 20]
    let pieces = try sizes.map { try WeightMemory(byteCount: $0, for: "w") }
    let ranges = zip(pieces, sizes).map { piece, size in
      let start = Int(bitPattern: piece.pointer)
      return start..<start + size
    }.sorted { $0.lowerBound < $1.lowerBound }
    for (first, second) in zip(ranges, ranges.dropFirst()) { #expect(first.upperBound <= second.lowerBound) }
    #expect(ranges.allSatisfy { $0.lowerBound % 4096 == 0 })
    for (piece, size) in zip(pieces, sizes) {
      #expect(UnsafeRawBufferPointer(start: piece.pointer, count: size).allSatisfy { $0 == 0 })
    }
  }

  /// Memory that is given back leaves the resident set, even while its neighbours stay.
  @Test func givesBack() throws {
    let size = 24 << 20
    let first = try WeightMemory(byteCount: 1 << 20, for: "first")
    var second: WeightMemory? = try WeightMemory(byteCount: size, for: "second")
    let pointer = try #require(second).pointer
    memset(pointer, 1, size)
    #expect(pagesInUse(pointer, size) == size / 4096)
    second = nil
    #expect(pagesInUse(pointer, size) == 0)
    withExtendedLifetime(first) {}
  }

  /// Pages of a range that are in memory; 0 where nothing is mapped any more.
  private func pagesInUse(_ start: UnsafeMutableRawPointer, _ bytes: Int) -> Int {
    var pages = [UInt8](repeating: 0, count: bytes / 4096)
    guard mincore(start, bytes, &pages) == 0 else { return 0 }
    return pages.count { $0 & 1 == 1 }
  }
}
