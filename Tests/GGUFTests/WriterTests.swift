import Foundation
import Testing

@testable import GGUF

@Suite struct WriterTests {
  /// The metadata that make_written.py writes.
  static let metadata: Metadata = [
    "general.architecture": .string("llama"), "general.alignment": .uint32(64),
    "u8": .uint8(200), "i8": .int8(-100), "u16": .uint16(60000), "i16": .int16(-30000),
    "u32": .uint32(4_000_000_000), "i32": .int32(-2_000_000_000), "u64": .uint64(.max), "i64": .int64(.min),
    "f32": .float32(0.1), "f64": .float64(0.1), "yes": .bool(true), "no": .bool(false),
    "string": .string("naïve 日本 🙂"),
    "strings": .array(.init(["", "a", "▁the"])),
    "bytes": .array(.init([[0xFF, 0xFE], [0], Array("ok".utf8)])),
    "ints": .array(.init([-1, 0, .max] as [Int32])),
    "floats": .array(.init([0.5, -1.25, 1e30] as [Float])),
    "bools": .array(.init([true, false, true])),
  ]

  static func writer() -> GGUFWriter {
    func bytes(_ values: [some Any]) -> [UInt8] { values.withUnsafeBytes { [UInt8]($0) } }
    var writer = GGUFWriter(metadata: metadata)
    writer.add("f32.weight", shape: [3, 2], type: .f32, bytes: bytes([0, 1, 2, 3, 4, 5] as [Float]))
    writer.add(
      "f16.weight", shape: [5], type: .f16, bytes: bytes([0, 0x3C00, 0x4000, 0x4200, 0x4400] as [UInt16]))
    writer.add("q8_0.weight", shape: [96, 2], type: .q8_0) { emit in
      for half in [0..<100, 100..<204] {
        try half.map { UInt8($0 % 251) }.withUnsafeBytes { try emit($0) }
      }
    }
    writer.add("last.weight", shape: [1], type: .f32, bytes: bytes([7] as [Float]))
    return writer
  }

  static let fixture = Bundle.module.url(
    forResource: "written-by-gguf-package", withExtension: "bin", subdirectory: "Fixtures")!

  @Test func writesAsThePackageDoes() throws {
    let folder = try TemporaryFolder()
    try Self.writer().write(to: folder.path + "/x.gguf")
    let written = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/x.gguf"))
    #expect(written == (try Data(contentsOf: Self.fixture)))
    #expect(try folder.names == ["x.gguf"])
  }

  @Test func readsWhatThePackageWrites() throws {
    let file = try GGUFFile(path: Self.fixture.path)
    #expect(file.metadata.entries == Self.metadata.entries)
    #expect(file.tensors.map(\.name) == ["f32.weight", "f16.weight", "q8_0.weight", "last.weight"])
    #expect(file.tensors.map(\.shape) == [[3, 2], [5], [96, 2], [1]])
    #expect(file.tensors.map(\.type) == [.f32, .f16, .q8_0, .f32])
    #expect(file.tensors.map(\.rowBytes) == [12, 10, 102, 4])
    #expect(file["f32.weight"]?.data.bindMemory(to: Float.self).elementsEqual([0, 1, 2, 3, 4, 5]) == true)
    #expect(file["q8_0.weight"]?.data.elementsEqual((0..<204).map { UInt8($0 % 251) }) == true)
    #expect(file["last.weight"]?.data.bindMemory(to: Float.self).first == 7)
  }

  @Test func copiesTensorsOfAnotherFile() throws {
    let source = try GGUFFile(path: Self.fixture.path)
    var writer = GGUFWriter(metadata: source.metadata)
    for tensor in source.tensors { writer.add(tensor) }
    let folder = try TemporaryFolder()
    try writer.write(to: folder.path + "/copy.gguf")
    let copy = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/copy.gguf"))
    #expect(copy == (try Data(contentsOf: Self.fixture)))
  }

  @Test func writesOverTheFileItReads() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("model.gguf", [UInt8](Data(contentsOf: Self.fixture)))
    let source = try GGUFFile(path: path)
    var writer = GGUFWriter(metadata: ["general.architecture": .string("gemma")])
    for tensor in source.tensors.reversed() { writer.add(tensor) }
    try writer.write(to: path)
    let result = try GGUFFile(path: path)
    #expect(result.tensors.map(\.name) == source.tensors.map(\.name).reversed())
    for tensor in source.tensors { #expect(result[tensor.name]?.data.elementsEqual(tensor.data) == true) }
  }

  @Test func nothingButMetadata() throws {
    let folder = try TemporaryFolder()
    try GGUFWriter(metadata: [:]).write(to: folder.path + "/x.gguf")
    let file = try GGUFFile(path: folder.path + "/x.gguf")
    #expect(file.tensors.isEmpty && file.metadata.entries.isEmpty)
  }

  static let refused: [(name: String, shape: [Int], type: BlockType, count: Int, says: String)] = [
    ("short", [8], .f32, 31, "was given 31 bytes"),
    ("long", [8], .f32, 33, "was given 33 bytes"),
    ("half", [33], .q4_0, 36, "whole Q4_0 blocks"),
    ("deep", [1, 1, 1, 1, 1], .f32, 4, "5 dimensions"),
    ("none", [0], .f32, 0, "extent of 0"),
    ("vast", [1 << 40, 1 << 40], .f32, 0, "counted"),
    ("huge", [1 << 60], .f32, 0, "counted"),
    ("first", [1], .f32, 4, "twice"),
    ("ternary", [128], .i2_s, 64, "type 36"),
    (String(repeating: "n", count: 64), [1], .f32, 4, "63 bytes"),
  ]

  @Test(arguments: refused)
  func refusesWhatNoneCouldRead(name: String, shape: [Int], type: BlockType, count: Int, says: String) throws
  {
    let folder = try TemporaryFolder()
    let path = try folder.file("x.gguf", [1, 2, 3])
    var writer = GGUFWriter(metadata: [:])
    writer.add("first", shape: [1], type: .f32, bytes: [0, 0, 0, 0])
    writer.add(name, shape: shape, type: type, bytes: [UInt8](repeating: 0, count: count))
    let error = #expect(throws: GGUFError.self) { try writer.write(to: path) }
    #expect(error?.description.contains(says) == true && error?.description.contains(path) == true)
    // The file that was there stays, and nothing is left beside it.
    #expect(try folder.names == ["x.gguf"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
  }

  @Test func refusesBadMetadata() throws {
    let folder = try TemporaryFolder()
    for metadata: Metadata in [
      ["": .bool(true)], ["general.alignment": .uint32(24)], ["general.alignment": .uint64(32)],
    ] {
      #expect(throws: GGUFError.self) {
        try GGUFWriter(metadata: metadata).write(to: folder.path + "/x.gguf")
      }
    }
    #expect(try folder.names.isEmpty)
  }

  @Test func sourcesMayFail() throws {
    struct Cancelled: Error {}
    let folder = try TemporaryFolder()
    var writer = GGUFWriter(metadata: [:])
    writer.add("t", shape: [1], type: .f32) { _ in throw Cancelled() }
    #expect(throws: Cancelled.self) { try writer.write(to: folder.path + "/x.gguf") }
    #expect(try folder.names.isEmpty)
  }

  @Test func placesThatCannotBeWritten() throws {
    let folder = try TemporaryFolder()
    let writer = GGUFWriter(metadata: [:])
    for path in [folder.path, folder.path + "/absent/x.gguf", "/dev/full/x.gguf"] {
      let error = #expect(throws: GGUFError.self) { try writer.write(to: path) }
      #expect(error?.description.hasPrefix("\(path): cannot be written: ") == true)
    }
    #expect(try folder.names.isEmpty)
  }
}
