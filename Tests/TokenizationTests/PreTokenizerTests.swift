import Foundation
import Testing

@testable import Tokenization

/// Every pre-tokenizer against the regular expressions of the models; see `make_words.py` beside the fixture.
struct PreTokenizerTests {
  struct Words: Decodable {
    let texts: [String]
    /// By pre-tokenizer and text, the lengths of the words in bytes.
    let words: [String: [[Int]]]
  }

  static let fixture = Result {
    // A longer search with random strings: python make_words.py 20000 1 > FILE, and its path here.
    let other = ProcessInfo.processInfo.environment["PARE_WORDS"].map { URL(fileURLWithPath: $0) }
    let url =
      other ?? Bundle.module.url(forResource: "words", withExtension: "json", subdirectory: "Fixtures")
    return try JSONDecoder().decode(Words.self, from: Data(contentsOf: #require(url)))
  }

  @Test(arguments: [
    "gpt-2", "smollm", "llama-bpe", "qwen2", "qwen35", "gpt-4o", "tekken", "deepseek-v3", "deepseek-coder",
    "deepseek-llm", "falcon", "default", "minicpm5",
  ])
  func wordsAreThoseOfTheRegularExpression(name: String) throws {
    try expectWords(of: #require(PreTokenizer(named: name)), named: name)
  }

  /// Names that llama.cpp handles as others: the same words, the same flags.
  @Test(arguments: [
    ("midm-2.0", "llama-bpe"), ("jina-v5-nano", "llama-bpe"), ("a.x-4.0", "gpt-2"), ("modern-bert", "gpt-2"),
    ("kormo", "qwen2"), ("f2llmv2", "qwen2"), ("glm5", "glm4"), ("talkie", "gpt-4o"),
    ("joyai-llm", "deepseek-v3"), ("hy_v4", "deepseek-v3"),
  ])
  func otherNamesMeanTheSame(name: String, known: String) throws {
    let found = try #require(PreTokenizer(named: name)), same = try #require(PreTokenizer(named: known))
    try expectWords(of: found, named: known == "glm4" ? "llama-bpe" : known)
    #expect(found.keepsWholeWords == same.keepsWholeWords && found.addsBOS == same.addsBOS)
  }

  private func expectWords(of preTokenizer: PreTokenizer, named name: String) throws {
    let fixture = try Self.fixture.get()
    let expected = try #require(fixture.words[name])
    #expect(fixture.texts.count == expected.count && expected.count >= 500)
    for (text, lengths) in zip(fixture.texts, expected) {
      var found: [Int] = []
      Array(text.utf8).withUnsafeBufferPointer { bytes in
        preTokenizer.forEachWord(in: TextScanner(bytes)) { found.append($0.count) }
      }
      #expect(found == lengths, "\(text.debugDescription)")
    }
  }
}
