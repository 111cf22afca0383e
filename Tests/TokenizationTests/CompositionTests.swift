import Foundation
import GGUF
import ModelFiles
import Testing

@testable import Tokenization

/// Normalization Form C, which some tokenizers bring text to and GGUF does not tell of.
struct CompositionTests {
  private func composed(_ text: String) -> String? {
    Array(text.utf8).withUnsafeBufferPointer { text in
      composingCharacters(of: text).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test func lettersAndMarksBecomeOneCharacter() {
    let decomposed = "Tie\u{302}\u{301}ng Vie\u{323}\u{302}t"
    #expect(composed(decomposed)?.utf8.elementsEqual("Ti\u{1EBF}ng Vi\u{1EC7}t".utf8) == true)
    #expect(composed("\u{1112}\u{1161}\u{11AB}")?.utf8.elementsEqual("\u{D55C}".utf8) == true)
    #expect(composed("\u{AC00}\u{11A8}")?.utf8.elementsEqual("\u{AC01}".utf8) == true)
    // Marks of Tibetan, in the order of their classes, as Python's unicodedata has them.
    #expect(
      composed("\u{307}\u{F75}")?.utf8.elementsEqual("\u{F71}\u{F74}\u{307}".utf8) == true)
    #expect(composed("\u{212B}")?.utf8.elementsEqual("\u{C5}".utf8) == true)
    for text in ["", "plain", "Tiếng Việt", "天地玄黃", "日本語のかな", "한국어", "Привет", "👍🏽 – „“"] {
      #expect(composed(text.precomposedStringWithCanonicalMapping) == nil, "\(text)")
    }
  }

  /// What one look takes for composed is what Foundation leaves alone, after a letter and a jamo as well.
  @Test func whatIsTakenForComposedIs() {
    for value in UInt32(0)...0x2FFFF where isComposed(value) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = "a\u{1112}\(scalar)"
      guard text.precomposedStringWithCanonicalMapping.unicodeScalars.elementsEqual(text.unicodeScalars)
      else {
        Issue.record("U+\(String(value, radix: 16))")
        continue
      }
    }
  }

  @Test(arguments: [
    ("qwen2", true), ("qwen35", true), ("command-r", true), ("olmo", true), ("mpt", true), ("smollm", false),
    ("llama-bpe", false), ("stablelm2", false),
  ])
  func someNamesCompose(name: String, composes: Bool) throws {
    let tokenizer = try Tokenizer(
      metadata: Vocabularies.byteLevel(pre: name, special: [("<e\u{301}>", .userDefined)]))
    let text = tokenizer.decode(tokenizer.encode("e\u{301}<e\u{301}>".utf8))
    #expect(text.elementsEqual((composes ? "\u{E9}<e\u{301}>" : "e\u{301}<e\u{301}>").utf8))
  }

  static let qwen = ModelFiles.folder + "/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"

  @Test(.enabled(if: ModelFiles.areThere && FileManager.default.fileExists(atPath: qwen)))
  func vietnameseOfQwen() throws {
    let tokenizer = try Tokenizer(metadata: GGUFFile(path: Self.qwen).metadata)
    for text in ["Tiếng Việt", "Tie\u{302}\u{301}ng Vie\u{323}\u{302}t"] {
      #expect(tokenizer.encode(text.utf8) == [45351, 26068, 968, 128324])
    }
  }
}
