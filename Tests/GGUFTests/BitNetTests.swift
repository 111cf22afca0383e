import Foundation
import Testing

@testable import GGUF

/// bitnet.cpp's type ids, which mean something else in other files.
@Suite struct BitNetTests {
  @Test func aTensorIsAQuarterOfItsElementsAndAScale() throws {
    let folder = try TemporaryFolder()
    var writer = GGUFWriter(metadata: ["general.architecture": .string("bitnet-b1.58")])
    // 8640 is the MLP of the 3B model: no whole number of blocks, but the matrix is.
    writer.add("w", shape: [8640, 2], type: .i2_s, bytes: [UInt8](repeating: 1, count: 8640 * 2 / 4 + 32))
    writer.add("n", shape: [8], type: .f32, bytes: [UInt8](repeating: 0, count: 32))
    try writer.write(to: folder.path + "/x.gguf")
    let file = try GGUFFile(path: folder.path + "/x.gguf")
    let tensor = try #require(file["w"])
    #expect(tensor.type == .i2_s && tensor.type.name == "I2_S")
    #expect(tensor.data.count == 8640 / 2 + 32)
    #expect(tensor.rowBytes == 8640 / 4)
    #expect(file["n"]?.data.count == 32)
  }

  @Test func rowsThatAreNotWholeBlocksTogether() throws {
    let bytes = RawFile().header(tensors: 1, entries: 1).key("general.architecture", 8).string("bitnet")
      .tensor("w", [64, 3], type: 36).pad(to: 32).zeros(200)
    #expect(try openError(bytes.bytes)?.description.contains("whole I2_S blocks of 128") == true)
  }

  @Test func theSameIdElsewhere() throws {
    let bytes = RawFile().header(tensors: 1).tensor("w", [128], type: 39).pad(to: 32).zeros(68)
    let folder = try TemporaryFolder()
    #expect(try GGUFFile(path: folder.file("x.gguf", bytes.bytes))["w"]?.type == .mxfp4)
  }
}
