import ModelFiles
import Testing

@testable import GGUF

/// The default model, which set-up fetches.
@Suite(.enabled(if: ModelFiles.areThere)) struct RealModelTests {
  @Test func opens() throws {
    let file = try GGUFFile(path: ModelFiles.smolLM)
    #expect(file.fileBytes == 98_362_432)
    #expect(file.tensors.count == 272)
    #expect(try file.metadata.string("general.architecture") == "llama")
    #expect(try file.metadata.integer("llama.block_count") == 30)
    #expect(try file.metadata.number("llama.rope.freq_base") == 100_000)
    #expect(try file.metadata.strings("tokenizer.ggml.tokens")?.count == 49152)
    #expect(try file.metadata.integers("tokenizer.ggml.token_type")?.count == 49152)
    let embedding = try #require(file["token_embd.weight"])
    #expect(embedding.shape == [576, 49152])
    #expect(embedding.rowBytes * 49152 == embedding.data.count)
    #expect(file["absent"] == nil)
  }
}
