import GGUF
import ModelFiles
import Quantization
import Testing

/// The first 64 rows of tensors of the default model,
/// against checksums of what the `gguf` Python package decodes.
@Suite(.enabled(if: ModelFiles.areThere)) struct BlockFormatRealModelTests {
  @Test(arguments: [
    ("token_embd.weight", BlockType.q8_0, 0x66d2_5d1a_42c0 as UInt64),
    ("blk.0.attn_q.weight", BlockType.q4_1, 0x574_8b32_2000 as UInt64),
    ("blk.29.ffn_down.weight", BlockType.q4_1, 0x55a3_6999_7800 as UInt64),
    ("output_norm.weight", BlockType.f32, 0x9f_2c74_0000 as UInt64),
  ])
  func checksum(name: String, type: BlockType, expected: UInt64) throws {
    let file = try GGUFFile(path: ModelFiles.smolLM)
    let tensor = try #require(file[name])
    #expect(tensor.type == type)
    let rows = min(64, tensor.elementCount / tensor.shape[0])
    var values = [Float](repeating: .nan, count: rows * tensor.shape[0])
    values.withUnsafeMutableBufferPointer {
      type.dequantize(UnsafeRawBufferPointer(rebasing: tensor.data[..<(rows * tensor.rowBytes)]), into: $0)
    }
    var checksum: UInt64 = 0
    for (index, value) in values.enumerated() {
      checksum ^= UInt64(value.bitPattern) &* UInt64(2 * index + 1)
    }
    #expect(checksum == expected)
  }
}
