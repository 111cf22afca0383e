import Foundation
import Testing

@testable import GGUF

@Suite struct ChecksumTests {
  private func checksum(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { Checksum.of($0) } }

  @Test(arguments: [1, 63, 64, 200]) func everyBitCounts(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 31) }
    var seen: Set = [checksum(bytes)]
    for bit in 0..<count * 8 {
      var changed = bytes
      changed[bit / 8] ^= 1 << (bit % 8)
      #expect(seen.insert(checksum(changed)).inserted)
    }
  }

  @Test func orderAndLengthCount() {
    let bytes = (0..<256).map { UInt8($0) }
    let swapped = Array(bytes[64..<128] + bytes[..<64] + bytes[128...])
    #expect(checksum(bytes) != checksum(swapped))
    let zeros = [0, 64, 128, 192].map { checksum([UInt8](repeating: 0, count: $0)) }
    #expect(Set(zeros).count == 4)
  }

  @Test func piecesAddUp() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var whole = Checksum()
    for piece in [bytes[..<128], bytes[128..<640], bytes[640...]] {
      Array(piece).withUnsafeBytes { whole.add($0) }
    }
    #expect(whole.value == checksum(bytes))
  }
}

@Suite struct FingerprintTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    var writer = GGUFWriter(metadata: ["general.architecture": .string("llama")])
    writer.add(
      "w", shape: [1 << 16], type: .f32, bytes: (0..<1 << 18).map { UInt8(truncatingIfNeeded: $0 / 3) })
    path = folder.path + "/model.gguf"
    try writer.write(to: path)
  }

  private func fingerprint(_ path: String) throws -> UInt64 { try GGUFFile(path: path).fingerprint }

  @Test func isTheSameWhereverTheFileLies() throws {
    let before = try fingerprint(path)
    let moved = folder.path + "/other.gguf"
    #expect(rename(path, moved) == 0)
    #expect(try fingerprint(moved) == before)
  }

  @Test func tellsTimesOfChangeApart() throws {
    let before = try fingerprint(path)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
    #expect(try fingerprint(path) != before)
  }

  /// Even where the time of change is put back.
  @Test(arguments: [-1, 1 << 15]) func tellsContentsApart(place: Int) throws {
    let before = try fingerprint(path)
    let times = try FileManager.default.attributesOfItem(atPath: path)
    var data = try Data(contentsOf: URL(filePath: path))
    let page = place < 0 ? data.count - 1 : (data.count - 4096) * 3 / 31 + 100
    data[page] ^= 4
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.write(contentsOf: data)
    try file.close()
    try FileManager.default.setAttributes(
      [.modificationDate: try #require(times[.modificationDate])], ofItemAtPath: path)
    #expect(try fingerprint(path) != before)
  }
}
