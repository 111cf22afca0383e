import GGUF
import Testing

@testable import Tokenization

/// Merging against the plainest way to write it: look for the best pair from the left, join it, start again.
struct MergingTests {
  private static let alphabet = ["a", "b", "c", "é", "日"]

  @Test func bytePairsMergeByRankAndFromTheLeft() throws {
    var random = SeededGenerator(state: 1)
    for round in 0..<30 {
      var pieces = ["a", "b", "c"]
      var merges: [(String, String)] = []
      while merges.count < 25 {
        let pair = (pieces.randomElement(using: &random)!, pieces.randomElement(using: &random)!)
        if pieces.contains(pair.0 + pair.1) || (pair.0 + pair.1).count > 9 { continue }
        merges.append(pair)
        pieces.append(pair.0 + pair.1)
      }
      let tokenizer = try Tokenizer(metadata: Vocabularies.byteLevel(merges: merges))
      for length in [1, 2, 3, 10, 47, 48, 49, 50, 1 + round * 10] {
        let word = (0..<length).map { _ in ["a", "b", "c"].randomElement(using: &random)! }.joined()
        #expect(tokenizer.names(word) == Self.merged(word.map(String.init), merges), "\(word)")
      }
    }
  }

  private static func merged(_ symbols: [String], _ merges: [(String, String)]) -> [String] {
    let ranks = Dictionary(uniqueKeysWithValues: merges.enumerated().map { ("\($1.0) \($1.1)", $0) })
    var symbols = symbols
    while true {
      var best: (rank: Int, place: Int)?
      for place in 0..<max(0, symbols.count - 1) {
        guard let rank = ranks["\(symbols[place]) \(symbols[place + 1])"] else {
          continue
        }
        if rank < best?.rank ?? .max { best = (rank, place) }
      }
      guard let place = best?.place else { return symbols }
      symbols[place] += symbols.remove(at: place + 1)
    }
  }

  @Test func sentencePieceMergesByScoreAndFromTheLeft() throws {
    var random = SeededGenerator(state: 2)
    for round in 0..<30 {
      var pieces: [String: Float] = [:]
      for piece in Self.alphabet + ["▁"] { pieces[piece] = Float.random(in: -20..<0, using: &random) }
      for _ in 0..<60 {
        let count = Int.random(in: 2...5, using: &random)
        var piece = (0..<count).map { _ in Self.alphabet.randomElement(using: &random)! }.joined()
        // Every other vocabulary has pieces with ▁ inside, across which words cannot be merged apart.
        switch Int.random(in: 0..<4, using: &random) {
        case 0: piece = "▁" + piece
        case 1 where round.isMultiple(of: 2): piece = piece + "▁" + piece.prefix(1)
        case 2: piece = "▁▁"
        default: break
        }
        pieces[piece] = [-1, -2, -2.5, 0, -0.0, .infinity, -.infinity, -3].randomElement(using: &random)!
      }
      let sorted = pieces.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      let tokenizer = try Tokenizer(metadata: Vocabularies.sentencePiece(sorted))
      for length in [1, 2, 5, 30, 49, 60, 1 + round * 10] {
        let text = (0..<length).map { _ in (Self.alphabet + [" ", " "]).randomElement(using: &random)! }
          .joined()
        let symbols = ("▁" + text.replacing(" ", with: "▁")).map(String.init)
        let expected = Self.merged(symbols, pieces).map { $0.replacing("▁", with: " ") }
        #expect(tokenizer.names(text) == expected, "\(text)")
      }
    }
  }

  private static func merged(_ symbols: [String], _ pieces: [String: Float]) -> [String] {
    var symbols = symbols
    while true {
      var best: (score: Float, place: Int)?
      for place in 0..<max(0, symbols.count - 1) {
        guard let score = pieces[symbols[place] + symbols[place + 1]] else { continue }
        if best.map({ score > $0.score }) ?? true { best = (score, place) }
      }
      guard let place = best?.place else { return symbols }
      symbols[place] += symbols.remove(at: place + 1)
    }
  }

  @Test(arguments: [(Float(0), Float(-0.0)), (-0.0, 0)])
  func zeroOfEitherSignIsOneScore(left: Float, right: Float) throws {
    let pieces: [(String, Float)] = [("a", -1), ("b", -1), ("c", -1), ("ab", left), ("bc", right)]
    let tokenizer = try Tokenizer(metadata: Vocabularies.sentencePiece(pieces, spacePrefix: false))
    #expect(tokenizer.names("abc") == ["ab", "c"])
  }

  @Test func mergesOfTokensThatAreMissingAreLeftOut() throws {
    var metadata = Vocabularies.byteLevel(merges: [("a", "b")])
    metadata["tokenizer.ggml.merges"] = .array(MetadataArray(["x y", "q r", "ab c", "a b", "Ā\u{4E00} b"]))
    #expect(try Tokenizer(metadata: metadata).names("xyqrabc") == ["x", "y", "q", "r", "ab", "c"])
  }

  @Test func oneOfTwoMergesOfAPairCounts() throws {
    var metadata = Vocabularies.byteLevel(merges: [("a", "b"), ("b", "c")])
    metadata["tokenizer.ggml.merges"] = .array(MetadataArray(["a b", "b c", "a b"]))
    #expect(try Tokenizer(metadata: metadata).names("abc") == ["ab", "c"])
  }
}
