import Foundation
import GGUF
import Testing

@testable import Quantization

/// Every block format against what the `gguf` Python package decodes, bit for bit.
@Suite struct BlockFormatTests {
  /// Random blocks of one format, and their values (see make_block_formats.py).
  struct Sample: Decodable {
    let blocks: Data
    let first: Data
    let checksums: [String]
  }

  static let samples: [String: Sample] = {
    let url = Bundle.module.url(
      forResource: "block-formats", withExtension: "json", subdirectory: "Fixtures")!
    return try! JSONDecoder().decode([String: Sample].self, from: Data(contentsOf: url))
  }()

  /// NaNs are equal whatever their payload, which machines differ in.
  static func bits(_ value: Float) -> UInt32 { value.isNaN ? 0x7FC0_0000 : value.bitPattern }

  static func decode(_ blocks: [UInt8], _ type: BlockType) -> [Float] {
    let count = (blocks.count - type.bytesPerTensor) / type.bytesPerBlock * type.elementsPerBlock
    var values = [Float](repeating: 12345, count: count)
    blocks.withUnsafeBytes { source in
      values.withUnsafeMutableBufferPointer { type.dequantize(source, into: $0) }
    }
    return values
  }

  @Test(arguments: BlockType.allCases)
  func decodesAsReference(type: BlockType) throws {
    let sample = try #require(Self.samples[type.name], "no sample of \(type.name)")
    let values = Self.decode([UInt8](sample.blocks), type)
    let first = sample.first.withUnsafeBytes { [UInt32]($0.bindMemory(to: UInt32.self)) }
    #expect(values.prefix(first.count).map(Self.bits) == first)
    let checksums = stride(from: 0, to: values.count, by: 256).map { start in
      values[start..<min(start + 256, values.count)].enumerated().reduce(into: UInt64(0)) { sum, element in
        sum &+= UInt64(Self.bits(element.element)) &* UInt64(2 * element.offset + 1)
      }
    }
    #expect(checksums.map(String.init) == sample.checksums)
  }

  @Test func everySampleHasItsType() {
    #expect(Set(Self.samples.keys) == Set(BlockType.allCases.map(\.name)))
  }

  /// Our own conversion of halves against Swift's, for every half there is.
  @Test func halves() {
    for bits in UInt16.min...UInt16.max
    where Self.bits(half(bits)) != Self.bits(Float(Float16(bitPattern: bits))) {
      Issue.record("half \(bits) became \(half(bits))")
    }
  }

  /// Decoding starts at any address, writes every element and nothing else.
  @Test(arguments: BlockType.allCases)
  func staysInBounds(type: BlockType) throws {
    let sample = try #require(Self.samples[type.name])
    let expected = Self.decode([UInt8](sample.blocks), type)
    let shifted = [0xFF] + [UInt8](sample.blocks) + [0xFF]
    var values = [Float](repeating: 12345, count: expected.count + 2)
    shifted.withUnsafeBytes { source in
      values.withUnsafeMutableBufferPointer { buffer in
        type.dequantize(
          UnsafeRawBufferPointer(rebasing: source.dropFirst().dropLast()),
          into: UnsafeMutableBufferPointer(rebasing: buffer.dropFirst().dropLast()))
      }
    }
    #expect(values.first == 12345 && values.last == 12345)
    #expect(values.dropFirst().dropLast().map(Self.bits) == expected.map(Self.bits))
  }

  @Test(arguments: BlockType.allCases)
  func nothingDecodesToNothing(type: BlockType) {
    #expect(Self.decode([UInt8](repeating: 0, count: type.bytesPerTensor), type).isEmpty)
  }

  /// All bytes 0xFF: scales that are NaN, indices at their highest.
  @Test(arguments: BlockType.allCases)
  func extremeBlocks(type: BlockType) {
    for byte in [0, 0x7C, 0x80, 0xFF] as [UInt8] {
      let blocks = [UInt8](repeating: byte, count: 3 * type.bytesPerBlock + type.bytesPerTensor)
      #expect(Self.decode(blocks, type).count == 3 * type.elementsPerBlock)
    }
  }
}
