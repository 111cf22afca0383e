import Foundation
import GGUF
import Testing

@testable import Quantization

/// Files with something in their data that no sound file holds.
@Suite struct DataProblemTests {
  /// A tensor of whole blocks of 1s: sound in every type.
  static func sound(_ type: BlockType, blocks: Int) -> [UInt8] {
    [UInt8](repeating: 1, count: blocks * type.bytesPerBlock + type.bytesPerTensor)
  }

  /// Writes tensors `t0`, `t1`, …, opens the file and checks it.
  static func problems(_ tensors: [(type: BlockType, bytes: [UInt8])]) throws -> [DataProblem] {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).gguf").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let isBitNet = tensors.contains { $0.type == .i2_s }
    var writer = GGUFWriter(metadata: isBitNet ? ["general.architecture": .string("bitnet")] : [:])
    for (index, tensor) in tensors.enumerated() {
      let blocks = (tensor.bytes.count - tensor.type.bytesPerTensor) / tensor.type.bytesPerBlock
      writer.add(
        "t\(index)", shape: [blocks * tensor.type.elementsPerBlock], type: tensor.type, bytes: tensor.bytes)
    }
    try writer.write(to: path)
    return try GGUFFile(path: path).dataProblems()
  }

  /// Where a type keeps what may be NaN or infinite in a block, as the format's description says.
  static let halves: KeyValuePairs<BlockType, [(Int, DataFault, DataFault)]> = {
    let scale = { (at: Int) in (at, DataFault.nanScale, DataFault.infiniteScale) }
    let offset = { (at: Int) in (at, DataFault.nanOffset, DataFault.infiniteOffset) }
    return [
      .f16: [(0, .nanValue, .infiniteValue)], .q4_0: [scale(0)], .q4_1: [scale(0), offset(2)],
      .q5_0: [scale(0)], .q5_1: [scale(0), offset(2)], .q8_0: [scale(0)], .q8_1: [scale(0), offset(2)],
      .q2_k: [scale(80), offset(82)], .q3_k: [scale(108)], .q4_k: [scale(0), offset(2)],
      .q5_k: [scale(0), offset(2)], .q6_k: [scale(208)], .iq1_s: [scale(0)], .iq2_xxs: [scale(0)],
      .iq2_xs: [scale(0)], .iq2_s: [scale(0)], .iq3_xxs: [scale(0)], .iq3_s: [scale(0)], .iq4_nl: [scale(0)],
      .iq4_xs: [scale(0)], .tq1_0: [scale(52)], .tq2_0: [scale(64)], .q1_0: [scale(0)], .q2_0: [scale(0)],
    ]
  }()

  @Test(arguments: BlockType.allCases)
  func soundData(type: BlockType) throws {
    #expect(try Self.problems([(type, Self.sound(type, blocks: 70_000))]).isEmpty)
    let zeros = [UInt8](repeating: 0, count: 3 * type.bytesPerBlock + type.bytesPerTensor)
    #expect(try Self.problems([(type, zeros)]).isEmpty)
  }

  @Test func halvesThatAreNotFinite() throws {
    for (type, fields) in Self.halves {
      for (at, nan, infinite) in fields {
        for (bits, fault) in [(0x7C00 as UInt16, infinite), (0xFC00, infinite), (0x7C01, nan), (0xFFFF, nan)]
        {
          var bytes = Self.sound(type, blocks: 70_000)
          for block in [3, 69_999] {
            bytes[block * type.bytesPerBlock + at] = UInt8(truncatingIfNeeded: bits)
            bytes[block * type.bytesPerBlock + at + 1] = UInt8(bits >> 8)
          }
          let sound = (BlockType.q4_k, Self.sound(.q4_k, blocks: 4))
          #expect(
            try Self.problems([sound, (type, bytes), sound]) == [
              DataProblem(tensor: "t1", type: type, fault: fault, block: 3, count: 2)
            ])
        }
      }
    }
  }

  /// Fields of other sizes: type, bytes to put, where, what is to be found.
  @Test(arguments: [
    (BlockType.f32, [0, 0, 0x80, 0x7F] as [UInt8], 0, DataFault.infiniteValue),
    (.f32, [0, 0, 0x80, 0xFF], 0, .infiniteValue), (.f32, [1, 0, 0x80, 0x7F], 0, .nanValue),
    (.f64, [0, 0, 0, 0, 0, 0, 0xF0, 0x7F], 0, .infiniteValue),
    (.f64, [0, 0, 0, 0, 0, 0, 0xF8, 0xFF], 0, .nanValue),
    (.bf16, [0x80, 0x7F], 0, .infiniteValue), (.bf16, [0x81, 0xFF], 0, .nanValue),
    (.q8_k, [0, 0, 0x80, 0x7F], 0, .infiniteScale), (.q8_k, [0, 0, 0xC0, 0x7F], 0, .nanScale),
    (.iq1_m, [0x01, 0xC1, 0x01, 0x71], 52, .infiniteScale),
    (.mxfp4, [255], 0, .exponent), (.nvfp4, [0x7F], 3, .unsignedScale), (.nvfp4, [0x80], 0, .unsignedScale),
    (.tq2_0, [0xC0], 63, .ternaryCode), (.tq2_0, [0x03], 0, .ternaryCode), (.i2_s, [0x30], 31, .ternaryCode),
  ])
  func otherFaults(type: BlockType, field: [UInt8], at: Int, fault: DataFault) throws {
    var bytes = Self.sound(type, blocks: 9)
    if type == .iq1_m { for i in 0..<8 { bytes[5 * 56 + 48 + i] &= 0x0F } }
    let place = 5 * type.bytesPerBlock + at
    for (i, byte) in field.enumerated() { bytes[place + i] = byte }
    #expect(
      try Self.problems([(type, bytes)]) == [
        DataProblem(tensor: "t0", type: type, fault: fault, block: 5, count: 1)
      ])
  }

  @Test func theScaleOfATernaryTensor() throws {
    var bytes = Self.sound(.i2_s, blocks: 40_000)
    bytes.replaceSubrange(bytes.count - 32..<bytes.count - 28, with: [0, 0, 0xC0, 0x7F])
    #expect(
      try Self.problems([(.i2_s, bytes)]) == [
        DataProblem(tensor: "t0", type: .i2_s, fault: .nanScale, block: nil, count: 1)
      ])
  }

  /// Several kinds in a tensor, in the order of their first blocks.
  @Test func severalFaults() throws {
    var bytes = Self.sound(.q4_1, blocks: 20)
    bytes.replaceSubrange(20 * 9..<20 * 9 + 2, with: [0, 0x7C])
    bytes.replaceSubrange(20 * 4 + 2..<20 * 4 + 4, with: [1, 0x7C])
    let found = try Self.problems([(.q4_1, bytes)])
    #expect(found.map(\.fault) == [.nanOffset, .infiniteScale] && found.map(\.block) == [4, 9])
  }

  @Test func stops() throws {
    #expect(throws: CancellationError.self) {
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).gguf")
        .path
      defer { try? FileManager.default.removeItem(atPath: path) }
      var writer = GGUFWriter(metadata: [:])
      writer.add("t", shape: [64], type: .q8_0, bytes: Self.sound(.q8_0, blocks: 2))
      try writer.write(to: path)
      _ = try GGUFFile(path: path).dataProblems { _ in false }
    }
  }
}
