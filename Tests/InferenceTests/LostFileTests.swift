import Foundation
import GGUF
import Glibc
import TestModels
import Testing

@testable import Inference

/// A model's file that another program cuts short while it is in use.
@Suite(.serialized) struct LostFileTests {
  /// Embeddings are read from the file at every token; they lie at its beginning, before many other pages.
  private static var model: TinyModel {
    TinyModel.llama(
      TinyModel.Sizes(layers: 2, width: 1024, heads: 4, kvHeads: 2, headWidth: 32, mlpWidth: 64))
  }

  private func shorten(_ path: String) { #expect(truncate(path, 4096) == 0) }

  @Test func readingEndsWithASentence() throws {
    try Self.model.withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 2, context: 64)
      try context.read([5, 6, 7])
      shorten(path)
      for _ in 0..<2 {
        let error = #expect(throws: GGUFError.self) { _ = try context.append(90) }
        #expect(error?.description.contains(path) == true && error?.description.contains("cut short") == true)
      }
      #expect(throws: GGUFError.self) { try context.read([88, 89]) }
      #expect(throws: GGUFError.self) { try context.use(.with { $0.bits.default = .two }) }
    }
  }

  @Test func answersEnd() throws {
    try Self.model.endless.withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 2, context: 64)
      var tokens = 0
      #expect(throws: GGUFError.self) {
        _ = try context.answer([5, 6, 7], sampling: SamplingOptions(), maximumTokens: 50) { _, _ in
          tokens += 1
          if tokens == 2 { shorten(path) }
        }
      }
      #expect(tokens == 2)
    }
  }

  /// An export of it is no file.
  @Test func exportsFail() throws {
    try Self.model.withFile { path in
      let context = try InferenceContext(Model(path: path), threads: 2, context: 64)
      shorten(path)
      let copy = path + ".copy.gguf"
      #expect(throws: (any Error).self) { try ModelExport(context).write(to: copy) }
      #expect(!FileManager.default.fileExists(atPath: copy))
    }
  }
}
