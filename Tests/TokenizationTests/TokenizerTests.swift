import GGUF
import ModelFiles
import Testing

@testable import Tokenization

struct TokenizerTests {
  /// The message for wrong metadata; nil if nothing is wrong.
  private func problem(_ metadata: Metadata) -> String? {
    do throws(GGUFError) {
      _ = try Tokenizer(metadata: metadata)
      return nil
    } catch {
      return error.description
    }
  }

  @Test(
    arguments: [
      ("tokenizer.ggml.model", nil, "is missing"),
      (
        "tokenizer.ggml.model", .string("t5"),
        "unknown kind of tokenizer “t5”: use a model with one of gpt2, llama, gemma4, bert"
      ),
      ("tokenizer.ggml.model", .string("a\nb"), "“a\\nb”"),
      ("tokenizer.ggml.model", .uint32(1), "not a string"),
      (
        "tokenizer.ggml.pre", .string("gpt-9"),
        "unknown pre-tokenizer “gpt-9”: use a model with one of default, gpt-2,"
      ),
      ("tokenizer.ggml.tokens", nil, "is missing"),
      ("tokenizer.ggml.tokens", .array(MetadataArray([String]())), "is empty"),
      ("tokenizer.ggml.tokens", .array(MetadataArray([1.5])), "not a list of strings"),
      (
        "tokenizer.ggml.tokens", .array(MetadataArray(["a", "b"])),
        "“tokenizer.ggml.token_type”: has 256 entries for 2 tokens"
      ),
      ("tokenizer.ggml.token_type", .array(MetadataArray([Int32(1)])), "has 1 entries for 256 tokens"),
      (
        "tokenizer.ggml.token_type", .array(MetadataArray([Int32](repeating: 7, count: 256))),
        "token 0 has type 7"
      ),
      (
        "tokenizer.ggml.token_type", .array(MetadataArray([Int64](repeating: -1, count: 256))),
        "token 0 has type -1"
      ),
      ("tokenizer.ggml.merges", nil, "is missing"),
      ("tokenizer.ggml.merges", .array(MetadataArray(["a b", "ab"])), "entry 1, “ab”, is not two pieces"),
      ("tokenizer.ggml.merges", .array(MetadataArray([""])), "entry 0, “”, is not two pieces"),
    ] as [(String, MetadataValue?, String)])
  func aWrongVocabularyIsRefused(key: String, value: MetadataValue?, expected: String) throws {
    var metadata = Vocabularies.byteLevel()
    metadata[key] = value
    let found = try #require(problem(metadata))
    #expect(
      found.contains(expected) && found.contains("key “tokenizer.") && !found.contains("\n"), "\(found)")
  }

  /// What no text needs is left out, and said.
  @Test(
    arguments: [
      ("tokenizer.ggml.bos_token_id", .uint32(256), "is 256, outside the vocabulary of 256 tokens"),
      ("tokenizer.ggml.eos_token_id", .int32(-2), "is -2, outside"),
      ("tokenizer.ggml.eot_token_id", .uint64(.max), "not a whole number"),
      ("tokenizer.ggml.eom_token_id", .string("</s>"), "not a whole number"),
      ("tokenizer.ggml.unknown_token_id", .float32(.nan), "not a whole number"),
      ("tokenizer.ggml.add_bos_token", .string("yes"), "not true or false"),
      ("tokenizer.ggml.add_eos_token", .uint32(1), "not true or false"),
      ("tokenizer.ggml.suppress_tokens", .uint32(1), "not a list of whole numbers"),
      ("tokenizer.ggml.suppress_tokens", .array(MetadataArray(["<pad>"])), "not a list of whole numbers"),
    ] as [(String, MetadataValue, String)])
  func whatAChatAloneNeedsIsLeftOut(key: String, value: MetadataValue, remark: String) throws {
    var metadata = Vocabularies.byteLevel(pre: "llama-bpe")
    metadata[key] = value
    let tokenizer = try Tokenizer(metadata: metadata)
    let found = try #require(tokenizer.remarks.first)
    #expect(
      tokenizer.remarks.count == 1 && found.hasPrefix("ignored: key “\(key)”") && found.contains(remark))
    #expect(tokenizer.bos == nil && tokenizer.eos == nil && tokenizer.suppressed == [])
    #expect(tokenizer.encode("abc".utf8).count == 3)
  }

  /// Ids outside the vocabulary mean nothing, as in llama.cpp.
  @Test func suppressedTokens() throws {
    var metadata = Vocabularies.byteLevel()
    #expect(try Tokenizer(metadata: metadata).suppressed == [])
    metadata["tokenizer.ggml.suppress_tokens"] = .array(MetadataArray([7, -1, 256, 255] as [Int32]))
    let tokenizer = try Tokenizer(metadata: metadata)
    #expect(tokenizer.suppressed == [7, 255] && tokenizer.remarks == [])
  }

  @Test(arguments: [
    "<0x-1>", "<0x+1>", "<0x1>", "<0x100>", "<0xG0>", "<0x0A", "0x0A", "", "a", "<0x 1>", "<0xé>", "<0X0A>",
  ])
  func aByteMustBeSpelledAsOne(spelling: String) throws {
    let metadata = Vocabularies.sentencePiece([], special: [(spelling, .byte)])
    let found = try #require(problem(metadata))
    #expect(
      found.contains("token 259 is a byte but is spelled “\(spelling)”, not <0x00> to <0xFF>"), "\(found)")
  }

  @Test func scoresMustFitTheVocabulary() throws {
    var metadata = Vocabularies.sentencePiece([("a", 1)])
    metadata["tokenizer.ggml.scores"] = .array(MetadataArray([Float(1)]))
    #expect(problem(metadata)?.contains("has 1 entries for 260 tokens") == true)
    metadata["tokenizer.ggml.scores"] = nil
    #expect(problem(metadata)?.contains("“tokenizer.ggml.scores”: is missing") == true)
    metadata["tokenizer.ggml.scores"] = .array(MetadataArray([Int32](repeating: 1, count: 260)))
    #expect(problem(metadata) == nil)
  }

  @Test func textBeginsAndEndsAsTheModelExpects() throws {
    var metadata = Vocabularies.byteLevel(pre: "llama-bpe")
    func flags() throws -> [Bool] {
      let tokenizer = try Tokenizer(metadata: metadata)
      return [tokenizer.addsBOS, tokenizer.addsEOS]
    }
    #expect(try flags() == [false, false], "there is no BOS to add")
    metadata["tokenizer.ggml.bos_token_id"] = .uint32(65)
    metadata["tokenizer.ggml.eos_token_id"] = .uint32(66)
    let tokenizer = try Tokenizer(metadata: metadata)
    #expect(tokenizer.bos == 65 && tokenizer.eos == 66 && tokenizer.vocabularySize == 256)
    #expect(try flags() == [true, false])
    metadata["tokenizer.ggml.add_bos_token"] = .bool(false)
    metadata["tokenizer.ggml.add_eos_token"] = .bool(true)
    #expect(try flags() == [false, true])
    metadata["tokenizer.ggml.add_bos_token"] = nil
    metadata["tokenizer.ggml.pre"] = .string("qwen2")
    #expect(try flags() == [false, true])
    #expect(try Tokenizer(metadata: Vocabularies.sentencePiece([])).addsBOS)
    #expect(try Tokenizer(metadata: Vocabularies.sentencePiece([])).bos == 1)
  }

  /// −1 says that there is none, also where there is one that is usual.
  @Test(arguments: [.int32(-1), .uint32(.max), .int64(-1)] as [MetadataValue])
  func noToken(id: MetadataValue) throws {
    var metadata = Vocabularies.byteLevel(pre: "llama-bpe")
    for name in ["bos", "eos", "eot", "eom", "unknown"] { metadata["tokenizer.ggml.\(name)_token_id"] = id }
    let tokenizer = try Tokenizer(metadata: metadata)
    #expect(tokenizer.bos == nil && tokenizer.eos == nil && !tokenizer.addsBOS && !tokenizer.addsEOS)
    var pieces = Vocabularies.sentencePiece([("a", 0)])
    for name in ["bos", "eos"] { pieces["tokenizer.ggml.\(name)_token_id"] = id }
    let other = try Tokenizer(metadata: pieces)
    #expect(other.bos == nil && other.eos == nil && !other.addsBOS)
    pieces["tokenizer.ggml.unknown_token_id"] = id
    #expect(try !Tokenizer(metadata: pieces).encode("aé".utf8).contains(0))
  }

  @Test(.enabled(if: ModelFiles.areThere)) func theRealModelIsWhatItsCardSays() throws {
    let tokenizer = try RealModel.tokenizer.get()
    #expect(tokenizer.vocabularySize == 49152 && tokenizer.bos == 1 && tokenizer.eos == 2)
    #expect(!tokenizer.addsBOS && !tokenizer.addsEOS)
    #expect((0..<49152).filter(tokenizer.isControl) == Array(0..<17))
    // <|endoftext|>, <|im_end|>, <reponame>
    #expect((0..<49152).filter(tokenizer.isEndOfGeneration) == [0, 2, 4])
  }

  @Test func wholeWordsWinWherePreTokenizersSaySo() throws {
    // `b c` merges first, so that merging never makes `abc` out of `ab` and `c`.
    let merges = [("b", "c"), ("a", "b"), ("ab", "c")]
    #expect(
      try Tokenizer(metadata: Vocabularies.byteLevel(merges: merges)).names("abc abc") == [
        "a", "bc", " ", "a", "bc",
      ])
    let llama = try Tokenizer(metadata: Vocabularies.byteLevel(pre: "llama-bpe", merges: merges))
    #expect(llama.names("abc abc") == ["abc", " ", "a", "bc"])
  }

  @Test func textThatIsNotUTF8IsSeenAsReplacementCharacters() throws {
    let tokenizer = try Tokenizer(metadata: Vocabularies.byteLevel())
    let replacement: [Token] = [0xEF, 0xBF, 0xBD]
    #expect(tokenizer.encode([0x61, 0xFF, 0x62]) == [0x61] + replacement + [0x62])
    #expect(tokenizer.encode([0xE2, 0x82]) == replacement + replacement)
    #expect(tokenizer.encode([0xED, 0xA0, 0x80]) == replacement + replacement + replacement, "a surrogate")
    #expect(tokenizer.encode([0xC0, 0x80]) == replacement + replacement, "an overlong form")
    #expect(tokenizer.encode([0xF4, 0x90, 0x80, 0x80]).count == 12, "past U+10FFFF")
    #expect(tokenizer.encode([0xF4, 0x8F, 0xBF, 0xBF]) == [0xF4, 0x8F, 0xBF, 0xBF])
  }

  @Test func validTextComesBackAndOtherBytesAreRepaired() throws {
    let tokenizer = try Tokenizer(
      metadata: Vocabularies.byteLevel(merges: [("a", "b"), (" ", "a"), ("é", "é")]))
    var random = SeededGenerator(state: 4)
    let scalars = "ab é日😀\u{301}\n\t 1'<|>\u{0}\u{7F}\u{10FFFF}".unicodeScalars.map { $0 }
    for _ in 0..<300 {
      let text = String(
        String.UnicodeScalarView((0..<40).map { _ in scalars.randomElement(using: &random)! }))
      #expect(tokenizer.decode(tokenizer.encode(text.utf8)) == Array(text.utf8))
      let bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
      var expected: [UInt8] = []
      var rest = bytes[...]
      while let first = rest.first {
        let length = (1...4).first {
          String(validating: rest.prefix($0), as: UTF8.self)?.unicodeScalars.count == 1
        }
        expected += length == nil ? [0xEF, 0xBF, 0xBD] : rest.prefix(length ?? 0)
        rest = rest.dropFirst(length ?? 1)
        _ = first
      }
      #expect(tokenizer.decode(tokenizer.encode(bytes)) == expected, "\(bytes)")
    }
  }

  @Test func sentencePieceSpellsWhatNoTokenCovers() throws {
    let tokenizer = try Tokenizer(
      metadata: Vocabularies.sentencePiece([("▁", -1), ("a", -1), ("▁a", -2), ("é", -3)]))
    // Bytes begin at id 3.
    #expect(tokenizer.names("a aé") == [" a", " a", "é"])
    #expect(tokenizer.encode("b\n".utf8) == [259, 0x65, 0x0D])
    #expect(tokenizer.encode("日".utf8) == [259, 0xE9, 0x9A, 0xA8])
    var random = SeededGenerator(state: 5)
    for _ in 0..<300 {
      let bytes = (0..<40).map { _ in
        Bool.random(using: &random) ? 0x20 : UInt8.random(in: 0...255, using: &random)
      }
      #expect(tokenizer.decode(tokenizer.encode(bytes)) == bytes)
    }
  }

  @Test func withoutBytesThereIsTheUnknownToken() throws {
    let tokenizer = try Tokenizer(metadata: Vocabularies.sentencePiece([("▁", -1), ("a", -1)], bytes: false))
    #expect(tokenizer.encode("ab日".utf8) == [3, 4, 0, 0])
  }

  @Test func aSpaceOfItsOwnBeginsATextAndWhatFollowsASpecialToken() throws {
    let pieces: [(String, Float)] = [("▁", -1), ("a", -1), ("▁a", -2)]
    let prefixed = try Tokenizer(metadata: Vocabularies.sentencePiece(pieces))
    #expect(prefixed.names("aa<s>a", parsesSpecial: true) == [" a", "a", "<s>", " a"])
    #expect(prefixed.decode(prefixed.encode(" a".utf8)) == Array(" a".utf8))
    #expect(prefixed.encode([UInt8]()) == [])
    #expect(prefixed.piece(261) == Array(" a".utf8) && prefixed.piece(1) == [])
    #expect(prefixed.piece(1, special: true) == Array("<s>".utf8))
    let plain = try Tokenizer(metadata: Vocabularies.sentencePiece(pieces, spacePrefix: false))
    #expect(plain.names("aa<s>a", parsesSpecial: true) == ["a", "a", "<s>", "a"])
    #expect(plain.decode(plain.encode(" a".utf8)) == Array(" a".utf8))
  }

  @Test func gemma4MergesLinesByRank() throws {
    var metadata = Vocabularies.sentencePiece(
      ["a", "b", "▁", "ab", "▁ab", "b▁", "\n", "\n\n", "\n\n\n"].map { ($0, 0) })
    metadata["tokenizer.ggml.model"] = .string("gemma4")
    metadata["tokenizer.ggml.merges"] = .array(MetadataArray(["b ▁", "a b", "▁ ab", "\n \n"]))
    metadata["tokenizer.ggml.bos_token_id"] = .uint32(1)
    metadata["tokenizer.ggml.add_bos_token"] = .bool(false)
    let tokenizer = try Tokenizer(metadata: metadata)
    #expect(tokenizer.addsBOS, "whatever the file says")
    #expect(tokenizer.names("ab ab") == ["a", "b ", "ab"])
    #expect(tokenizer.names(" ab\n\n\n ab") == [" ab", "\\n\\n\\n", " ab"])
    #expect(tokenizer.names("\n\n\n\n\n") == ["\\n\\n", "\\n\\n", "\\n"])
    #expect(tokenizer.names("aé") == ["a", "<0xC3>", "<0xA9>"])
    #expect(tokenizer.decode(tokenizer.encode(" ab é\n".utf8)) == Array(" ab é\n".utf8))
  }

  @Test func namesArePrintable() throws {
    let metadata = Vocabularies.byteLevel(
      merges: [("\r", "\n"), ("\u{202E}", "日")], special: [("<c\u{1B}>", .control)])
    let tokenizer = try Tokenizer(metadata: metadata)
    #expect(
      [0x41, 0x20, 0x0A, 0x1B, 0xE2, 256, 257, 258].map(tokenizer.text(of:)) == [
        "A", " ", "\\n", "\\u{1B}", "<0xE2>", "\\r\\n", "\\u{202E}日", "<c\\u{1B}>",
      ])
    #expect(tokenizer.text(of: -1) == "<-1>" && tokenizer.text(of: 99999) == "<99999>")
    #expect(tokenizer.piece(-1) == [] && tokenizer.piece(99999) == [] && tokenizer.piece(258) == [])
    #expect(tokenizer.decode([-1, 0x41, 258, .max], special: true) == Array("A<c\u{1B}>".utf8))
  }

  @Test(.enabled(if: ModelFiles.areThere)) func longRunsTakeLinearTime() throws {
    let tokenizer = try RealModel.tokenizer.get()
    for text in ["a", " ", "\n", "1", "=", "é", " \n", "\u{301}", "<|im_", "日"] {
      let long = String(repeating: text, count: 200_000 / text.utf8.count)
      #expect(tokenizer.decode(tokenizer.encode(long.utf8, parsesSpecial: true)) == Array(long.utf8))
    }
  }

  /// Tokens that fill up a vocabulary have a name, and are no text.
  @Test func unusedTokensAreNoText() throws {
    let tokenizer = try Tokenizer(metadata: Vocabularies.byteLevel(special: [("[PAD272]", .unused)]))
    #expect(tokenizer.decode([97, 256, 98]) == Array("ab".utf8))
    #expect(tokenizer.text(of: 256) == "[PAD272]")
    var decoder = StreamDecoder(tokenizer)
    #expect(decoder.append(256) == "" && decoder.append(97) == "a")
    #expect(tokenizer.names("[PAD272]").count == 8)
  }
}
