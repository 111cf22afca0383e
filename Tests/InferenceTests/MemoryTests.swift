import CKernels
import Foundation
import ModelFiles
import TestModels
import Testing

@testable import Inference

/// Memory of positions is there before they are written, where the system can be asked.
@Suite struct MemoryTests {
  static let canBeAsked: Bool = {
    let bytes = 4096
    guard let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED
    else { return false }
    defer { munmap(memory, bytes) }
    return madvise(memory, bytes, MADV_POPULATE_WRITE) == 0
  }()

  /// Whether the page of an address has memory.
  private func isResident(_ address: UnsafeRawPointer) -> Bool {
    var state: UInt8 = 0
    let page = UnsafeMutableRawPointer(mutating: address - Int(bitPattern: address) % 4096)
    return mincore(page, 1, &state) == 0 && state & 1 == 1
  }

  @Test(.enabled(if: canBeAsked), arguments: [1, 2])
  func ofAnAnswerToComeIsTaken(threads: Int) throws {
    try TinyModel.llama().withFile { path in
      let context = try InferenceContext(
        Model(path: path), threads: threads, context: 4096, keepsStream: true)
      let checkpoints = try #require(context.checkpoints)
      let shape = context.model.shape, kvHeads = shape.layerShapes[0].kvHeads
      let tile = 4096 / Int(PARE_KV_TILE) - 1
      let keyPlace = tile * pare_kv_tile_bytes(16, Int32(shape.layerShapes[0].keyWidth))
      let valuePlace = tile * pare_kv_tile_bytes(16, Int32(shape.layerShapes[0].valueWidth))
      /// The last tiles of each layer's first keys and last values, and the end of the last position's
      /// stream.
      func lastPlaces() -> [UnsafeRawPointer] {
        var places = [UnsafeRawPointer(checkpoints.row(layer: shape.layers, position: 4095))]
        for layer in 0..<shape.layers {
          let values = context.cache.values(layer: layer, head: kvHeads - 1)
          places.append(UnsafeRawPointer(context.cache.keys(layer: layer, head: 0)) + keyPlace)
          places.append(UnsafeRawPointer(values) + valuePlace)
        }
        return places
      }
      #expect(context.needsPrefault && !lastPlaces().contains(where: isResident))
      var pieces = 0
      while context.needsPrefault {
        context.prefault()
        pieces += 1
      }
      #expect(lastPlaces().allSatisfy(isResident))
      #expect(pieces > 10)  // a prompt does not wait long
      // Dropped attention gives its memory back, and has it again when it is restored.
      let key = lastPlaces()[1]
      try context.use(Plan.with { $0.drop.attention = [0] })
      while context.needsPrefault { context.prefault() }
      #expect(!isResident(key))
      try context.use(.baseline)
      while context.needsPrefault { context.prefault() }
      #expect(isResident(key))
    }
  }

  @Test(.enabled(if: canBeAsked))
  func ofTheNextTokensIsTakenBeforeTheyAreRead() throws {
    try TinyModel.llama().withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 2, context: 4096)
      let keys = UnsafeRawPointer(context.cache.keys(layer: 4, head: 1))
      let tileBytes = pare_kv_tile_bytes(16, Int32(context.model.shape.layerShapes[0].keyWidth))
      try context.read(.init(repeating: 5, count: 1024))
      _ = try context.append(6)
      #expect(context.prefaultedPositions == 1088)
      #expect(isResident(keys + 67 * tileBytes))
      #expect(!isResident(keys + 80 * tileBytes))
    }
  }

  /// Memory of the heap becomes zeros, and no more than it.
  @Test(arguments: [(0, 100), (4000, 200), (100, 4096), (4096, 8192), (1, 40_000)])
  func zeros(start: Int, count: Int) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 65_536, alignment: 4096)
    defer { memory.deallocate() }
    memset(memory, 7, 65_536)
    PageMemory.zero(memory + start, bytes: count)
    let bytes = UnsafeRawBufferPointer(start: memory, count: 65_536)
    #expect(bytes[start..<start + count].allSatisfy { $0 == 0 })
    #expect(bytes[..<start].allSatisfy { $0 == 7 } && bytes[(start + count)...].allSatisfy { $0 == 7 })
  }

  /// While a model is packed, the pages of its file leave the memory in use.
  @Test(.enabled(if: ModelFiles.areThere)) func theFileIsNotThereBesideWhatIsPacked() throws {
    let path = DefaultModel.path
    nonisolated(unsafe) var most = 0, calls = 0  // progress is told by one thread
    let model = try Model(path: path)
    _ = try InferenceContext(model, threads: 2, context: 64) { _ in
      most = max(most, residentBytes(ofMapping: path))
      calls += 1
      return true
    }
    #expect(calls > 1)
    #expect(most < 24 << 20)  // of 98 MB
    withExtendedLifetime(model) {}
  }

  private func residentBytes(ofMapping path: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/smaps", encoding: .utf8)) ?? ""
    var isIt = false, kilobytes = 0
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words[0].contains("-") { isIt = line.hasSuffix(path) }
      if isIt, words[0] == "Rss:" { kilobytes += Int(words[1]) ?? 0 }
    }
    return kilobytes << 10
  }
}
