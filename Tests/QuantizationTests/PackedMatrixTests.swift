import GGUF
import Quantization
import Testing

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
}
