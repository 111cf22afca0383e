import GGUF
import Testing

@testable import Quantization

@Suite struct PackedMatrixTests {
  /// More memory than any machine can address: an error that says what, how much and what to do.
  @Test func noMemory() throws {
    let tensor = Tensor(
      name: "blk.0.ffn_up.weight", shape: [1 << 20, 1 << 29], type: .f32,
      data: UnsafeRawBufferPointer(start: nil, count: 0))
    let error = #expect(throws: MemoryError.self) { try PackedMatrix(MatrixSource(tensor), format: nil) }
    let description = try #require(error?.description)
    #expect(error?.bytes == 1 << 51)
    #expect(description.contains("blk.0.ffn_up.weight") && description.contains("2251799813685248 bytes"))
    #expect(description.contains("--bits 4") && !description.contains("\n"))
  }

  /// What the blocks of every type are laid out as. Where this changes, `PackedFormat.layoutVersion` has to
  /// be raised, so that packed weights that were kept on the disk before are not used.
  @Test func theLayoutIsThatOfItsVersion() throws {
    var sums: [String: UInt64] = [:]
    var state: UInt64 = 1
    for type in BlockType.allCases where ![.i8, .i16, .i32, .i64, .f64, .i2_s].contains(type) {
      let shape = [512, 40]
      // Codes that stand for nothing do no harm here.
      let bytes = (0..<512 * 40 / type.elementsPerBlock * type.bytesPerBlock).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
      }
      try bytes.withUnsafeBytes { data in
        let source = MatrixSource(Tensor(name: type.name, shape: shape, type: type, data: data))
        let matrix = try PackedMatrix(source, format: nil)
        guard matrix.keepsBlocks else { return }
        for piece in matrix.pieces { matrix.pack(piece, kernels: .best) }
        sums[type.name] = Checksum.of(matrix.pages)
      }
    }
    let all = sums.sorted { $0.key < $1.key }.map(\.value)
    #expect(sums.count > 20)
    #expect(PackedFormat.layoutVersion == 3)
    #expect(all.withUnsafeBytes { Checksum.of($0) } == 238_434_355_308_623_494)
  }
}
