import Foundation
import GGUF
import TestModels
import Testing
import Tokenization

@testable import Inference
@testable import Quantization

/// Packed weights on the disk: what comes back is what was packed, or nothing.
@Suite struct WeightCacheTests {
  private let folder = TemporaryFolder()
  private var cache: WeightCache {
    WeightCache(folder: folder.url.appending(path: "weights"), limit: 1 << 30)
  }
  private static let tokens: [Token] = (0..<40).map { ($0 * 7 + 3) % 99 }

  final class TemporaryFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "pare-cache-\(UUID().uuidString)")
    init() { try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ model: TinyModel, as name: String = "model.gguf") throws -> String {
      let path = url.appending(path: name).path
      try model.write(to: path)
      return path
    }
  }

  private func context(_ path: String, _ cache: WeightCache?) throws -> InferenceContext {
    try InferenceContext(Model(path: path), threads: 2, context: 64, weightCache: cache)
  }

  /// Whether the model's weights come from the cache.
  private func isCached(_ path: String, in cache: WeightCache) throws -> Bool {
    try context(path, cache).factory.cached?.isSound == true
  }

  /// Packs the model and keeps its weights.
  ///
  /// - Returns: The file in the cache.
  @discardableResult
  private func keep(_ path: String, in cache: WeightCache) throws -> String {
    let context = try context(path, cache)
    let writer = try #require(context.cacheWriter())
    while try writer.writePiece() {}
    return cache.path(CachedLayout(context.model))
  }

  private static let models = [
    ("llama", TinyModel.llama()), ("qwen2", .qwen2()), ("gemma3", .gemma3()), ("bitnet", .bitnet()),
    ("iq2_xs", .llama(in: .iq2_xs)),
  ]

  @Test(arguments: models)
  func whatComesBackIsWhatWasPacked(_ name: String, _ model: TinyModel) throws {
    let path = try folder.write(model)
    try keep(path, in: cache)
    let packed = try context(path, nil), cached = try context(path, cache)
    #expect(
      packed.factory.cached == nil && cached.factory.cached?.isSound == true && cached.cacheWriter() == nil)
    #expect(packed.weights.matrices.keys == cached.weights.matrices.keys)
    #expect(cached.weights.readPlaces.count == cached.weights.matrices.count)
    for (place, matrix) in packed.weights.matrices {
      let other = try #require(cached.weights.matrices[place])
      #expect(matrix.pages.elementsEqual(other.pages))
    }
    let plans: [Plan] = [
      .baseline, .with { $0.bits.default = .eight }, .with { $0.drop.mlp = [1] },
      .with {
        $0.bits.default = .two
        $0.bits.head = .native
      }, .baseline,
    ]
    for plan in plans {
      try packed.use(plan)
      try cached.use(plan)
      #expect(try packed.allLogits(Self.tokens) == cached.allLogits(Self.tokens))
    }
  }

  /// A plan takes from the cache what it leaves as it is, and what its widths are measured with.
  @Test func aPlanAtTheStartUsesTheCache() throws {
    let path = try folder.write(.qwen2())
    try keep(path, in: cache)
    let plan = Plan.with {
      $0.bits.default = .two
      $0.bits.head = .native
      $0.drop.attention = [2]
    }
    let model = try Model(path: path)
    let packed = try InferenceContext(model, plan: plan, threads: 1, context: 64)
    let cached = try InferenceContext(model, plan: plan, threads: 2, context: 64, weightCache: cache)
    #expect(cached.weights.readPlaces.contains(Weights.Place(layer: nil, role: .head)))
    // Q2_K has codes of two bits already; Q4_K is encoded anew.
    #expect(cached.weights.readPlaces.contains(Weights.Place(layer: 0, role: .down)))
    #expect(!cached.weights.readPlaces.contains(Weights.Place(layer: 0, role: .query)))
    #expect(try packed.allLogits(Self.tokens) == cached.allLogits(Self.tokens))
    #expect(cached.cacheWriter() == nil)
    // Nor are the weights of a plan ever kept.
    let other = try InferenceContext(
      model, plan: plan, threads: 1, context: 64,
      weightCache: WeightCache(folder: folder.url.appending(path: "other"), limit: 1 << 30))
    #expect(other.cacheWriter() == nil)
  }

  @Test func itIsFoundWhereverTheModelLies() throws {
    let path = try folder.write(.llama())
    try keep(path, in: cache)
    let moved = folder.url.appending(path: "moved.gguf").path
    #expect(rename(path, moved) == 0)
    #expect(try isCached(moved, in: cache))
  }

  @Test func aChangedModelIsPackedAgain() throws {
    let path = try folder.write(.llama())
    try keep(path, in: cache)
    #expect(try isCached(path, in: cache))
    var model = TinyModel.llama()
    model.seed = 2
    _ = try folder.write(model)
    #expect(try !isCached(path, in: cache))
    let fresh = try context(path, nil).allLogits(Self.tokens)
    #expect(try context(path, cache).allLogits(Self.tokens) == fresh)
    try keep(path, in: cache)
    #expect(try isCached(path, in: cache))
  }

  @Test func noChangedByteIsUsed() throws {
    let path = try folder.write(.llama())
    let file = try keep(path, in: cache)
    let layout = try CachedLayout(Model(path: path))
    let sound = try Data(contentsOf: URL(filePath: file))
    let fresh = try context(path, nil).allLogits(Self.tokens)
    // Every word of the header, and of each matrix the first byte, the last and one between.
    let words = 5 + layout.pieces.count + 1
    var places = (0..<words).map { $0 * 8 + $0 % 8 }
    for bytes in layout.matrices.values {
      places += [bytes.lowerBound, bytes.upperBound - 1, (bytes.lowerBound + bytes.upperBound) / 2]
    }
    for place in places {
      var damaged = sound
      damaged[place] ^= 1 << (place % 8)
      try replace(file, damaged)
      let context = try context(path, cache)
      #expect(context.factory.cached?.isSound != true, "byte \(place)")
      #expect(try context.allLogits(Self.tokens) == fresh)
      #expect(context.cacheWriter() != nil)
    }
    // What is damaged is written anew.
    try keep(path, in: cache)
    #expect(try Data(contentsOf: URL(filePath: file)) == sound)
    #expect(try isCached(path, in: cache))
  }

  private func replace(_ file: String, _ bytes: Data) throws {
    unlink(file)
    try bytes.write(to: URL(filePath: file))
    chmod(file, 0o600)
  }

  @Test func anotherLengthIsNotUsed() throws {
    let path = try folder.write(.llama())
    let file = try keep(path, in: cache)
    let sound = try Data(contentsOf: URL(filePath: file))
    for length in [0, 8, 4095, 4096, sound.count - 4096, sound.count - 1] {
      try replace(file, sound.prefix(length))
      #expect(try !isCached(path, in: cache), "\(length) bytes")
    }
    try replace(file, sound + [0])
    #expect(try !isCached(path, in: cache))
    try replace(file, sound)
    #expect(try isCached(path, in: cache))
  }

  /// A file of another layout is not used, even where its own checksums are right.
  @Test func anotherVersionIsNotUsed() throws {
    let path = try folder.write(.llama())
    let file = try keep(path, in: cache)
    let count = try CachedLayout(Model(path: path)).pieces.count + 6
    var bytes = try Data(contentsOf: URL(filePath: file))
    var words = (0..<count).map { index in
      bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
    }
    #expect(words[count - 1] == words[..<(count - 1)].withUnsafeBytes { Checksum.of($0) })
    words[1] += 1
    words[count - 1] = words[..<(count - 1)].withUnsafeBytes { Checksum.of($0) }
    words.withUnsafeBytes { bytes.replaceSubrange(0..<count * 8, with: $0) }
    try replace(file, bytes)
    #expect(try !isCached(path, in: cache))
  }

  @Test func whatOthersCanWriteIsNotUsed() throws {
    let path = try folder.write(.llama())
    let file = try keep(path, in: cache)
    #expect(permissions(file) == 0o600 && permissions(cache.folder.path) == 0o700)
    chmod(file, 0o620)
    #expect(try !isCached(path, in: cache))
    chmod(file, 0o600)
    let elsewhere = folder.url.appending(path: "elsewhere").path
    #expect(rename(file, elsewhere) == 0 && symlink(elsewhere, file) == 0)
    #expect(try !isCached(path, in: cache))
    // The link is replaced, not followed.
    let before = try Data(contentsOf: URL(filePath: elsewhere))
    try keep(path, in: cache)
    #expect(try isCached(path, in: cache) && Data(contentsOf: URL(filePath: elsewhere)) == before)
    #expect(
      try FileManager.default.attributesOfItem(atPath: file)[.type] as? FileAttributeType == .typeRegular)
    unlink(file)
    mkfifo(file, 0o600)
    #expect(try !isCached(path, in: cache))
  }

  /// Only root may give a file away.
  @Test(.enabled(if: geteuid() == 0)) func aFileOfAnotherUserIsNotUsed() throws {
    let path = try folder.write(.llama())
    let file = try keep(path, in: cache)
    chown(file, 12345, 12345)
    #expect(try !isCached(path, in: cache))
  }

  private func permissions(_ path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]) as? Int
  }

  @Test func aFolderThatCannotBeWrittenIsNoHindrance() throws {
    let path = try folder.write(.llama())
    let cache = WeightCache(folder: URL(filePath: path).appending(path: "weights"), limit: 1 << 30)
    let context = try context(path, cache)
    let writer = try #require(context.cacheWriter())
    let error = #expect(throws: WeightCacheError.self) { try writer.writePiece() }
    #expect(error?.description.hasPrefix("packed weights are not kept for the next start: \(path)") == true)
    #expect(try context.allLogits(Self.tokens).count == Self.tokens.count)
  }

  @Test func aPartIsNeverSeen() throws {
    let path = try folder.write(.llama())
    let packed = try context(path, cache)
    var writer = packed.cacheWriter()
    for _ in 0..<3 { #expect(try writer?.writePiece() == true) }
    #expect(try !isCached(path, in: cache))
    #expect(try contents().count == 1 && cache.byteCount == 0)
    writer = nil
    #expect(try contents() == [])
  }

  private func contents() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: cache.folder.path)
  }

  @Test func twoWritersDoNotDisturbEachOther() throws {
    let path = try folder.write(.llama())
    let contexts = try [context(path, cache), context(path, cache)]
    let writers = try contexts.map { try #require($0.cacheWriter()) }
    while try writers[0].writePiece() { #expect(try writers[1].writePiece()) }
    #expect(try isCached(path, in: cache))
    #expect(try !writers[1].writePiece())
    #expect(try isCached(path, in: cache) && contents().count == 1)
  }

  @Test func whatWasNotUsedForLongestGivesWay() throws {
    var paths: [String] = []
    for seed in 1...4 as ClosedRange<UInt64> {
      var model = TinyModel.llama()
      model.seed = seed
      paths.append(try folder.write(model, as: "\(seed).gguf"))
    }
    let bytes = try CachedLayout(Model(path: paths[0])).fileBytes
    let cache = WeightCache(folder: cache.folder, limit: 3 * bytes)
    for path in paths[..<3] { try keep(path, in: cache) }
    #expect(cache.byteCount == 3 * bytes)
    #expect(try isCached(paths[0], in: cache))  // which makes the second the oldest
    try keep(paths[3], in: cache)
    #expect(cache.byteCount == 3 * bytes)
    #expect(try paths.map { try isCached($0, in: cache) } == [true, false, true, true])
    // A file that is larger than all room is not written, and nothing is removed for it.
    let small = WeightCache(folder: cache.folder, limit: bytes - 1)
    #expect(try context(paths[1], small).cacheWriter() == nil)
    #expect(cache.byteCount == 3 * bytes)
  }

  /// What a writer that was ended left goes, what another may still be writing stays.
  @Test func abandonedPartsAreRemoved() throws {
    let path = try folder.write(.llama())
    let file = try keep(path, in: cache)
    for (name, age) in [("old", 7200), ("new", 60)] {
      let part = file + name + WeightCacheWriter.ending
      try Data([1]).write(to: URL(filePath: part))
      try FileManager.default.setAttributes(
        [.modificationDate: Date.now - TimeInterval(age)], ofItemAtPath: part)
    }
    cache.makeRoom(for: 0)
    #expect(try contents().sorted() == [file, file + "new.part"].map { URL(filePath: $0).lastPathComponent })
  }
}
