import Foundation
import ModelFiles
import Testing

@testable import GGUF

@Suite struct MetadataTests {
  let metadata: Metadata = [
    "string": .string("text"), "u8": .uint8(7), "i64": .int64(-7), "u64": .uint64(.max), "f32": .float32(0.5),
    "bool": .bool(true),
    "strings": .array(.init(["a", "é"])), "raw": .array(.init([[0xFF], []] as [[UInt8]])),
    "i32s": .array(.init([-1, 2] as [Int32])), "u64s": .array(.init([1, .max] as [UInt64])),
    "f32s": .array(.init([0.5, 2] as [Float])), "f64s": .array(.init([0.25] as [Double])),
    "bools": .array(.init([true, false])), "empty": .array(.init([] as [String])),
  ]

  @Test func scalars() throws {
    #expect(try metadata.string("string") == "text")
    #expect(try metadata.integer("u8") == 7)
    #expect(try metadata.integer("i64") == -7)
    #expect(try metadata.number("f32") == 0.5)
    #expect(try metadata.number("u8") == 7)
    #expect(try metadata.number("u64") == 0x1p64)
    #expect(try metadata.bool("bool") == true)
  }

  @Test func lists() throws {
    #expect(try metadata.strings("strings") == [Array("a".utf8), Array("é".utf8)])
    #expect(try metadata.strings("raw") == [[0xFF], []])
    #expect(try metadata.strings("empty") == [])
    var found: [[UInt8]] = []
    #expect(try metadata.forEachString("raw") { found.append(Array($0)) })
    #expect(found == [[0xFF], []])
    #expect(try metadata.integers("i32s") == [-1, 2])
    #expect(try metadata.numbers("f32s") == [0.5, 2])
    #expect(try metadata.numbers("f64s") == [0.25])
    #expect(try metadata.numbers("i32s") == [-1, 2])
    #expect(try metadata.bools("bools") == [true, false])
  }

  /// Keys are bytes: é as one scalar and as two are two keys, and so are two that are not UTF-8; so are names
  /// of tensors.
  @Test func keysAreComparedAsBytes() throws {
    let folder = try TemporaryFolder()
    var raw = RawFile().header(tensors: 2, entries: 4).key("\u{E9}", 0).u8(1).key("e\u{301}", 0).u8(2)
    for byte in [0xFE, 0xFF] as [UInt8] { raw = raw.u64(1).u8(byte).u32(0).u8(byte) }
    raw = raw.tensor("\u{E9}", [8]).tensor("e\u{301}", [8], offset: 32).pad(to: 32).zeros(64)
    let file = try GGUFFile(path: folder.file("a.gguf", raw.bytes))
    #expect(try file.metadata.integer("\u{E9}") == 1 && file.metadata.integer("e\u{301}") == 2)
    #expect(
      file.metadata[ByteString([0xFE])] == .uint8(0xFE) && file.metadata[ByteString([0xFF])] == .uint8(0xFF))
    #expect(file["\u{E9}"] != nil && file["e\u{301}"] != nil)
    // Writing keeps them.
    var writer = GGUFWriter(metadata: file.metadata)
    for tensor in file.tensors { writer.add(tensor) }
    try writer.write(to: folder.path + "/b.gguf")
    #expect(try Data(contentsOf: URL(filePath: folder.path + "/b.gguf")) == Data(raw.bytes))
  }

  @Test func absentKeysAreNil() throws {
    #expect(try metadata.string("x") == nil)
    #expect(try metadata.integer("x") == nil)
    #expect(try metadata.number("x") == nil)
    #expect(try metadata.bool("x") == nil)
    #expect(try metadata.strings("x") == nil)
    #expect(try !metadata.forEachString("x") { _ in Issue.record("a string of nothing") })
    #expect(try metadata.integers("x") == nil)
    #expect(try metadata.numbers("x") == nil)
    #expect(try metadata.bools("x") == nil)
    #expect(try metadata.integers("x", perLayer: 3) == nil)
  }

  /// Each accessor refuses every value of another type, and says of which key of which file.
  @Test func wrongTypes() {
    let named = Metadata(metadata.entries, file: "dir/m.gguf")
    func refused(
      _ accessor: String, except accepted: Set<String>, _ access: (String) throws(GGUFError) -> Bool
    ) {
      for key in metadata.entries.keys.map(\.string) where !accepted.contains(key) {
        do {
          _ = try access(key)
          Issue.record("\(accessor) took \(key)")
        } catch {
          #expect(error.description.hasPrefix("dir/m.gguf: key “\(key)”: is "))
        }
      }
    }
    refused("string", except: ["string"]) { (key) throws(GGUFError) in try named.string(key) != nil }
    refused("integer", except: ["u8", "i64"]) { (key) throws(GGUFError) in try named.integer(key) != nil }
    refused("number", except: ["u8", "i64", "u64", "f32"]) { (key) throws(GGUFError) in
      try named.number(key) != nil
    }
    refused("bool", except: ["bool"]) { (key) throws(GGUFError) in try named.bool(key) != nil }
    refused("strings", except: ["strings", "raw", "empty"]) { (key) throws(GGUFError) in
      try named.strings(key) != nil
    }
    refused("forEachString", except: ["strings", "raw", "empty"]) { (key) throws(GGUFError) in
      try named.forEachString(key) { _ in }
    }
    refused("integers", except: ["i32s"]) { (key) throws(GGUFError) in try named.integers(key) != nil }
    refused("numbers", except: ["i32s", "f32s", "f64s"]) { (key) throws(GGUFError) in
      try named.numbers(key) != nil
    }
    refused("bools", except: ["bools"]) { (key) throws(GGUFError) in try named.bools(key) != nil }
  }

  @Test func perLayer() throws {
    #expect(try metadata.integers("i32s", perLayer: 2) == [-1, 2])
    #expect(try metadata.integers("u8", perLayer: 3) == [7, 7, 7])
    #expect(throws: GGUFError.self) { try metadata.integers("i32s", perLayer: 3) }
    #expect(throws: GGUFError.self) { try metadata.integers("f32s", perLayer: 2) }
    #expect(throws: GGUFError.self) { try metadata.integers("string", perLayer: 2) }
  }

  @Test func stringsThatAreNotUTF8AreRepaired() throws {
    let folder = try TemporaryFolder()
    let bytes = RawFile().header(entries: 1).key("k", 8).u64(3).raw([0x61, 0xFF, 0x62])
    let file = try GGUFFile(path: folder.file("x.gguf", bytes.bytes))
    #expect(try file.metadata.string("k") == "a\u{FFFD}b")
  }

  /// The mapping lives as long as metadata or a list taken from it does.
  @Test(.enabled(if: ModelFiles.areThere)) func listsOutliveTheFile() throws {
    let metadata = try GGUFFile(path: ModelFiles.smolLM).metadata
    let tokens = try #require(try metadata.strings("tokenizer.ggml.tokens"))
    #expect(tokens.count == 49152 && tokens[1] == Array("<|im_start|>".utf8))
  }

  @Test func aVocabularyOfAQuarterMillionOpensAtOnce() throws {
    let folder = try TemporaryFolder()
    let pieces = (0..<250_000).map { "piece \($0)" }
    let path = folder.path + "/x.gguf"
    try GGUFWriter(metadata: ["tokenizer.ggml.tokens": .array(.init(pieces))]).write(to: path)
    let clock = ContinuousClock()
    let fastest = try (0..<5).map { _ in try clock.measure { _ = try GGUFFile(path: path) } }.min()!
    // A debug build takes some tens of milliseconds, a release build one or two.
    #expect(fastest < .milliseconds(200))
    #expect(
      try GGUFFile(path: path).metadata.strings("tokenizer.ggml.tokens")?.last == Array("piece 249999".utf8))
  }
}
