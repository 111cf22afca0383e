import GGUF

@testable import Tokenization

/// Small vocabularies made by hand.
enum Vocabularies {
  /// GPT-2's visible character for a byte, by its published rule.
  static func visible(_ byte: UInt8) -> String {
    let printable = Set([0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF].joined())
    let others = (0...255).filter { !printable.contains($0) }
    let value = others.firstIndex(of: Int(byte)).map { 0x100 + $0 } ?? Int(byte)
    return String(Unicode.Scalar(UInt32(value))!)
  }

  static func visible(_ text: String) -> String { text.utf8.map(visible).joined() }

  /// All bytes (ids 0 to 255), then what the merges make, then the special tokens.
  static func byteLevel(
    pre: String = "gpt-2", merges: [(String, String)] = [], special: [(String, TokenKind)] = []
  ) -> Metadata {
    var tokens = (0...255).map { visible(UInt8($0)) }
    tokens += merges.map { visible($0.0 + $0.1) }
    let kinds = tokens.map { _ in Int32(1) } + special.map { Int32($0.1.rawValue) }
    tokens += special.map(\.0)
    return [
      "tokenizer.ggml.model": .string("gpt2"),
      "tokenizer.ggml.pre": .string(pre),
      "tokenizer.ggml.tokens": .array(MetadataArray(tokens)),
      "tokenizer.ggml.token_type": .array(MetadataArray(kinds)),
      "tokenizer.ggml.merges": .array(MetadataArray(merges.map { visible($0.0) + " " + visible($0.1) })),
    ]
  }

  /// `<unk>`, `<s>`, `</s>`, all bytes (ids 3 to 258), then the pieces with their scores.
  static func sentencePiece(
    _ pieces: [(String, Float)], special: [(String, TokenKind)] = [], bytes: Bool = true,
    spacePrefix: Bool = true
  ) -> Metadata {
    var tokens = ["<unk>", "<s>", "</s>"]
    var kinds: [TokenKind] = [.unknown, .control, .control]
    var scores: [Float] = [0, 0, 0]
    if bytes {
      tokens += (0...255).map { "<0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) + ">" }
      kinds += [TokenKind](repeating: .byte, count: 256)
      scores += [Float](repeating: 0, count: 256)
    }
    for (piece, score) in pieces {
      tokens.append(piece)
      kinds.append(.normal)
      scores.append(score)
    }
    for (token, kind) in special {
      tokens.append(token)
      kinds.append(kind)
      scores.append(0)
    }
    return [
      "tokenizer.ggml.model": .string("llama"),
      "tokenizer.ggml.tokens": .array(MetadataArray(tokens)),
      "tokenizer.ggml.token_type": .array(MetadataArray(kinds.map { Int32($0.rawValue) })),
      "tokenizer.ggml.scores": .array(MetadataArray(scores)),
      "tokenizer.ggml.add_space_prefix": .bool(spacePrefix),
    ]
  }
}

extension Tokenizer {
  /// The tokens of a text by what they stand for; easier to read in expectations than ids.
  func names(_ text: String, parsesSpecial: Bool = false) -> [String] {
    encode(text.utf8, parsesSpecial: parsesSpecial).map(text(of:))
  }

  func names(_ runs: [TextRun]) -> [String] { encode(runs).map(text(of:)) }
}

/// A generator that gives the same numbers in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
