import Foundation
import Testing

@testable import GGUF

/// Models in several files, as llama-gguf-split makes them.
@Suite struct SplitFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func name(_ number: Int, _ count: Int = 3) -> String {
    "\(folder.path)/m-0000\(number)-of-0000\(count).gguf"
  }

  private func write(
    _ number: Int, to path: String, no: Int? = nil, count: Int = 3, total: Int32 = 4, tensors: [String]
  ) throws {
    var metadata: Metadata = [
      "split.no": .uint16(UInt16(no ?? number - 1)), "split.count": .uint16(UInt16(count)),
      "split.tensors.count": .int32(total),
    ]
    if number == 1 { metadata["general.architecture"] = .string("llama") }
    var writer = GGUFWriter(metadata: metadata)
    for tensor in tensors {
      writer.add(tensor, shape: [4], type: .i8, bytes: [UInt8](repeating: tensor.utf8.first!, count: 4))
    }
    try writer.write(to: path)
  }

  private func writeAll() throws {
    try write(1, to: name(1), tensors: ["a"])
    try write(2, to: name(2), tensors: ["b", "c"])
    try write(3, to: name(3), tensors: ["d"])
  }

  private func error(_ path: String) -> String {
    do {
      _ = try GGUFFile(path: path)
      return "none"
    } catch {
      return error.description
    }
  }

  @Test func partsAreOneModel() throws {
    try writeAll()
    let file = try GGUFFile(path: name(1))
    #expect(file.tensors.map(\.name) == ["a", "b", "c", "d"])
    for tensor in file.tensors {
      #expect(tensor.data.elementsEqual([UInt8](repeating: tensor.name.utf8.first!, count: 4)))
    }
    #expect(try file.metadata.string("general.architecture") == "llama")
    let sizes = try (1...3).map { try Data(contentsOf: URL(fileURLWithPath: name($0))).count }
    #expect(file.fileBytes == sizes.reduce(0, +))
  }

  @Test func anyPartOpensTheWhole() throws {
    try writeAll()
    for number in 2...3 {
      let file = try GGUFFile(path: name(number))
      #expect(file.tensors.map(\.name) == ["a", "b", "c", "d"])
      #expect(file.path == name(1))
    }
  }

  @Test func aLaterPartAlone() throws {
    try writeAll()
    try FileManager.default.removeItem(atPath: name(1))
    #expect(error(name(2)).contains("the first, whose name ends in “-00001-of-00003.gguf”, is not beside it"))
  }

  /// A file that only looks like a part of another.
  @Test func namedLikeAPart() throws {
    try writeAll()
    var writer = GGUFWriter(metadata: [:])
    writer.add("x", shape: [4], type: .i8, bytes: [0, 0, 0, 0])
    try writer.write(to: "\(folder.path)/n-00002-of-00003.gguf")
    #expect(try GGUFFile(path: "\(folder.path)/n-00002-of-00003.gguf").tensors.map(\.name) == ["x"])
    try writer.write(to: "\(folder.path)/n-00001-of-00003.gguf")
    #expect(try GGUFFile(path: "\(folder.path)/n-00002-of-00003.gguf").tensors.count == 1)
  }

  @Test func names() throws {
    let name = try #require(SplitName("/a/b-c-00002-of-00010.gguf"))
    #expect(name.stem == "/a/b-c" && name.number == 2 && name.count == 10)
    #expect(name.part(10) == "/a/b-c-00010-of-00010.gguf")
    for other in [
      "a.gguf", "a-00001-of-00002.bin", "a-1-of-2.gguf", "a-00003-of-00002.gguf", "a-00000-of-00002.gguf",
      "00001-of-00002.gguf", "a-00001-of-0000x.gguf", "",
    ] {
      #expect(SplitName(other) == nil, "\(other)")
    }
  }

  @Test func aMissingPart() throws {
    try writeAll()
    try FileManager.default.removeItem(atPath: name(3))
    #expect(error(name(1)).hasPrefix("\(name(3)): no such file"))
  }

  @Test func aBadPart() throws {
    try writeAll()
    _ = try folder.file("m-00002-of-00003.gguf", [UInt8](repeating: 0, count: 100))
    #expect(error(name(1)).hasPrefix("\(name(2)): is not a GGUF file"))
  }

  @Test func aPartOfAnotherModel() throws {
    try writeAll()
    try write(2, to: name(2), no: 2, tensors: ["b", "c"])
    #expect(error(name(1)).contains("part 2 of 3"))
    try write(2, to: name(2), count: 4, tensors: ["b", "c"])
    #expect(error(name(1)).contains("part 2 of 3"))
  }

  @Test func theWrongNumberOfTensors() throws {
    try writeAll()
    try write(2, to: name(2), tensors: ["b"])
    #expect(error(name(1)).contains("says 4 tensors, but the 3 parts hold 3"))
  }

  @Test func aTensorInTwoParts() throws {
    try writeAll()
    try write(3, to: name(3), tensors: ["a"])
    #expect(error(name(1)).contains("tensor “a”: occurs twice"))
  }

  @Test func aRenamedFirstPart() throws {
    try writeAll()
    try FileManager.default.moveItem(atPath: name(1), toPath: folder.path + "/model.gguf")
    #expect(error(folder.path + "/model.gguf").contains("does not end in “-00001-of-00003.gguf”"))
  }

  @Test func absurdCounts() throws {
    for count: MetadataValue in [.uint64(.max), .int64(.max), .int32(-1), .string("3"), .uint32(100_000)] {
      var writer = GGUFWriter(metadata: ["split.no": .uint16(0), "split.count": count])
      writer.add("a", shape: [4], type: .i8, bytes: [0, 0, 0, 0])
      try writer.write(to: folder.path + "/m-00001-of-00003.gguf")
      #expect(error(folder.path + "/m-00001-of-00003.gguf").contains("split.count"))
    }
  }
}
