import GGUF
import Testing

@testable import Tokenization

/// Metadata from damaged or hostile files: refused with one line, or usable on any text.
struct FuzzTests {
  private static let keys =
    [
      "model", "pre", "tokens", "token_type", "scores", "merges", "bos_token_id", "eos_token_id",
      "unknown_token_id",
      "eot_token_id", "add_bos_token", "add_eos_token", "add_space_prefix",
    ].map { "tokenizer.ggml." + $0 } + ["tokenizer.chat_template", "general.name"]

  @Test func damagedMetadataIsRefusedOrUsable() throws {
    var random = SeededGenerator(state: 7)
    let bases = [
      Vocabularies.byteLevel(merges: [("a", "b")], special: [("<c>", .control), ("\n", .userDefined)]),
      Vocabularies.byteLevel(pre: "deepseek-llm", merges: [(" ", "a")], special: [("", .control)]),
      Vocabularies.sentencePiece([("▁a", -1), ("a", -2)], special: [("<t>", .userDefined)]),
      Vocabularies.sentencePiece([("▁a", 0), ("▁<", 0)]).merging([
        "tokenizer.ggml.model": .string("bert"), "tokenizer.ggml.unknown_token_id": .uint32(0),
      ]),
    ]
    var usable = 0
    for _ in 0..<1000 {
      var metadata = bases.randomElement(using: &random)!
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let key = Self.keys.randomElement(using: &random)!
        metadata[key] = Self.value(for: key, in: metadata, &random)
      }
      do throws(GGUFError) {
        try exercise(Tokenizer(metadata: metadata), &random)
        usable += 1
      } catch {
        #expect(
          !error.description.contains("\n") && error.description.contains("tokenizer.")
            || error.description.contains("general."))
      }
    }
    #expect(usable > 100, "not all damage is fatal")
  }

  private func exercise(_ tokenizer: Tokenizer, _ random: inout SeededGenerator) {
    let bytes =
      (0..<50).map { _ in UInt8.random(in: 0...255, using: &random) } + Array("<c>a ab\n\n<t>▁ '".utf8)
    for special in [false, true] {
      let tokens = tokenizer.encode(bytes, parsesSpecial: special)
      #expect(tokens.allSatisfy { (0..<Token(tokenizer.vocabularySize)).contains($0) })
      _ = tokenizer.decode(tokens, special: special)
      _ = tokens.map(tokenizer.text(of:))
      var decoder = StreamDecoder(tokenizer, special: special)
      for token in tokens { _ = decoder.append(token) }
      _ = decoder.finish()
    }
    _ = tokenizer.encode([TextRun("<c>a", isMarkup: true), TextRun("<c>\n", isMarkup: false)])
  }

  private static func value(
    for key: String, in metadata: Metadata, _ random: inout SeededGenerator
  ) -> MetadataValue? {
    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return nil
    case 1:
      return .string(
        ["gpt2", "llama", "gemma4", "bert", "falcon", "tekken", "", "phi-3", "<c>"].randomElement(
          using: &random)!)
    case 2: return .int64([0, 1, 255, 256, 300, -1, .max, .min].randomElement(using: &random)!)
    case 3: return .bool(.random(using: &random))
    case 4: return .float32([.nan, .infinity, 0].randomElement(using: &random)!)
    case 5: return .array(MetadataArray((0..<3).map { _ in bytes(Int.random(in: 0...4, using: &random)) }))
    case 6: return .array(MetadataArray([Int32.min, 1, 6]))
    default:
      // The right type and length, with some elements replaced.
      if var strings = try? metadata.strings(key), !strings.isEmpty {
        for _ in 0..<5 {
          let index = strings.indices.randomElement(using: &random)!
          strings[index] = [bytes(3), [], [0x20], strings[0], Array("<0x41>".utf8)].randomElement(
            using: &random)!
        }
        return .array(MetadataArray(strings))
      }
      if var numbers = try? metadata.numbers(key), !numbers.isEmpty {
        if key.hasSuffix("token_type") {
          let kinds = numbers.map { _ in Int32.random(in: 0...6, using: &random) }
          return .array(MetadataArray(Bool.random(using: &random) ? kinds : kinds.map { $0 == 6 ? 1 : $0 }))
        }
        for index in numbers.indices {
          numbers[index] = [.nan, -.nan, .infinity, -.infinity, 0, -0.0].randomElement(using: &random)!
        }
        return .array(MetadataArray(numbers))
      }
      return .array(MetadataArray([String]()))
    }
  }
}

extension Metadata {
  fileprivate func merging(_ other: Metadata) -> Metadata {
    other.entries.reduce(into: self) { $0[$1.key] = $1.value }
  }
}
