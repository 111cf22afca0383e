import GGUF
import Testing

@testable import Tokenization

struct WordPieceTests {
  private func metadata() -> Metadata {
    let pieces = ["▁he", "llo", "▁hello", "w", "o", "▁,", "▁+", "▁日", "▁é", "▁ß"]
    return [
      "tokenizer.ggml.model": .string("bert"),
      "tokenizer.ggml.tokens": .array(MetadataArray(["[UNK]", "[CLS]", "[SEP]"] + pieces)),
      "tokenizer.ggml.token_type": .array(
        MetadataArray([2, 3, 3] + [Int32](repeating: 1, count: pieces.count))),
      "tokenizer.ggml.unknown_token_id": .uint32(0),
      "tokenizer.ggml.cls_token_id": .uint32(1),
    ]
  }

  @Test(arguments: [
    ("hello", [" hello"]), ("he", [" he"]), ("hellow", [" hello", "w"]), ("helloow", [" hello", "o", "w"]),
    // A word that the pieces cannot cover is one unknown token, however much of it they could.
    ("hellox", ["[UNK]"]), ("x he xx", ["[UNK]", " he", "[UNK]"]),
    ("HÉLLO", [" hello"]), ("he\u{301}llo", [" hello"]), ("É", ["[UNK]"]), ("ß", [" ß"]),
    ("he,he", [" he", " ,", " he"]), ("he日he+", [" he", " 日", " he", " +"]),
    (" \t he\u{85}\u{3000}he\n", [" he", " he"]), ("he\u{0}l\u{200B}l\u{FFFD}o", [" hello"]),
    ("", []), (" ", []), ("▁he", ["[UNK]"]), ("he[CLS]", [" he", "[UNK]", "[UNK]", "[UNK]"]),
  ])
  func wordsAreCoveredByTheLongestPieces(text: String, expected: [String]) throws {
    #expect(try Tokenizer(metadata: metadata()).names(text) == expected)
  }

  @Test func filesSayWhatIsPlain() throws {
    var metadata = metadata()
    metadata["tokenizer.ggml.normalizer.lowercase"] = .bool(false)
    let cased = try Tokenizer(metadata: metadata)
    #expect(cased.names("hello Hello é he\u{301}") == [" hello", "[UNK]", " é", "[UNK]"])
    metadata["tokenizer.ggml.normalizer.strip_accents"] = .bool(true)
    #expect(try Tokenizer(metadata: metadata).names("Hello he\u{301}") == ["[UNK]", " he"])
  }

  @Test func specialTokensAndText() throws {
    let tokenizer = try Tokenizer(metadata: metadata())
    #expect(tokenizer.bos == 1 && tokenizer.addsBOS)
    #expect(tokenizer.names("[CLS]he[SEP]", parsesSpecial: true) == ["[CLS]", " he", "[SEP]"])
    #expect(tokenizer.decode(tokenizer.encode("hello,he".utf8)) == Array("hello , he".utf8))
    let long = "hello" + String(repeating: "o", count: 100_000)
    #expect(tokenizer.encode(long.utf8).count == 100_001)
  }

  @Test func anUnknownWordNeedsAToken() {
    var metadata = metadata()
    metadata["tokenizer.ggml.unknown_token_id"] = nil
    let error = #expect(throws: GGUFError.self) { try Tokenizer(metadata: metadata) }
    #expect(error?.description.contains("“tokenizer.ggml.unknown_token_id”: is missing") == true)
  }

  @Test func longPiecesDoNotSlowLongWordsDown() throws {
    let pieces = ["▁a"] + (1...500).map { String(repeating: "a", count: $0) }
    var metadata = metadata()
    metadata["tokenizer.ggml.tokens"] = .array(MetadataArray(["[UNK]", "[CLS]", "[SEP]"] + pieces))
    metadata["tokenizer.ggml.token_type"] = .array(
      MetadataArray([2, 3, 3] + [Int32](repeating: 1, count: pieces.count)))
    let tokenizer = try Tokenizer(metadata: metadata)
    let time = ContinuousClock().measure {
      #expect(tokenizer.encode(String(repeating: "a", count: 100_001).utf8).count == 201)
      #expect(tokenizer.encode((String(repeating: "a", count: 100_001) + "b").utf8) == [0])
    }
    #expect(time < .seconds(10), "\(time)")
  }
}
