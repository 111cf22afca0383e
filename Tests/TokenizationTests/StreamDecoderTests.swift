import GGUF
import ModelFiles
import Testing

@testable import Tokenization

struct StreamDecoderTests {
  private func streamed(_ tokens: [Token], _ tokenizer: Tokenizer) -> [String] {
    var decoder = StreamDecoder(tokenizer)
    return tokens.map { decoder.append($0) } + [decoder.finish()]
  }

  @Test func aCharacterAppearsWhenItIsComplete() throws {
    let tokenizer = try Tokenizer(metadata: Vocabularies.byteLevel())
    #expect(
      streamed(tokenizer.encode("aé日😀".utf8), tokenizer) == ["a", "", "é", "", "", "日", "", "", "", "😀", ""])
  }

  @Test func whatIsNoCharacterIsReplacedAsSoonAsItIsClear() throws {
    let tokenizer = try Tokenizer(metadata: Vocabularies.byteLevel())
    #expect(streamed([0xFF, 0x61], tokenizer) == ["\u{FFFD}", "a", ""])
    #expect(streamed([0xE2, 0x61], tokenizer) == ["", "\u{FFFD}a", ""])
    #expect(streamed([0xE2, 0x82], tokenizer) == ["", "", "\u{FFFD}"])
    #expect(streamed([0xF0, 0x9F, 0xE2, 0x82, 0xAC], tokenizer) == ["", "", "\u{FFFD}", "", "€", ""])
    #expect(
      streamed([0xED, 0xA0], tokenizer) == ["", "\u{FFFD}\u{FFFD}", ""], "no scalar begins like a surrogate")
    #expect(streamed([0x80, 0x80, 0x80, 0x80], tokenizer) == Array(repeating: "\u{FFFD}", count: 4) + [""])
  }

  @Test(.enabled(if: ModelFiles.areThere)) func pieceByPieceIsTheSameAsAtOnce() throws {
    let tokenizer = try RealModel.tokenizer.get()
    var random = SeededGenerator(state: 6)
    for _ in 0..<500 {
      let tokens = (0..<20).map { _ in Token.random(in: 0..<400, using: &random) }
      let parts = streamed(tokens, tokenizer)
      #expect(parts.joined() == String(decoding: tokenizer.decode(tokens), as: UTF8.self), "\(tokens)")
    }
    let family = "Hi 👩‍👩‍👧‍👦 नमस्ते 日本語!"
    #expect(streamed(tokenizer.encode(family.utf8), tokenizer).joined() == family)
  }

  @Test(.enabled(if: ModelFiles.areThere)) func controlTokensSayNothingUnlessAsked() throws {
    let tokenizer = try RealModel.tokenizer.get()
    var decoder = StreamDecoder(tokenizer)
    #expect(decoder.append(1) == "")
    var special = StreamDecoder(tokenizer, special: true)
    #expect(special.append(1) == "<|im_start|>")
  }

  @Test func theSpaceThatEncodingPutsBeforeATextGoes() throws {
    let tokenizer = try Tokenizer(metadata: Vocabularies.sentencePiece([("▁a", 0), ("▁", 0)]))
    let (a, space): (Token, Token) = (259, 260)
    #expect(streamed([1, a, a], tokenizer) == ["", "a", " a", ""])
    #expect(streamed([space, a], tokenizer) == ["", " a", ""])
    var decoder = StreamDecoder(tokenizer)
    #expect(decoder.append(a) + decoder.finish() + decoder.append(a) == "aa", "the next text begins anew")
  }
}
