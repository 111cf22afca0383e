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
    "deepseek-llm", "falcon", "default",
  ])
  func wordsAreThoseOfTheRegularExpression(name: String) throws {
    let fixture = try Self.fixture.get()
    let preTokenizer = try #require(PreTokenizer(named: name))
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
