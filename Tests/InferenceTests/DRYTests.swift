import Foundation
import Quantization
import Testing
import Tokenization

@testable import Inference

/// Repetitions are found, measured and punished as DRY defines them.
@Suite struct DRYTests {
  /// The penalty of each of ten tokens.
  static func penalties(
    _ recent: [Token], pieces: [Token: String] = [:], _ change: (inout SamplingOptions) -> Void = { _ in }
  ) -> [Token: Float] {
    var options = SamplingOptions()
    (options.dryMultiplier, options.dryBase, options.dryAllowedLength) = (1, 2, 2)
    options.dryBreakers = []
    change(&options)
    var dry = DRY(options) { Array((pieces[$0] ?? "x").utf8) }
    var logits = [Float](repeating: 0, count: 10)
    logits.withUnsafeMutableBufferPointer { dry.apply(to: $0, recent: recent[...]) }
    return Dictionary(
      uniqueKeysWithValues: logits.enumerated().filter { $1 != 0 }.map { (Token($0), -$1) })
  }

  @Test func goingOnCostsTheMoreTheLongerItIs() {
    // a b c c b c y a b c: c would go on “a b c”, y “b c”; b only “c”.
    let recent: [Token] = [1, 2, 3, 3, 2, 3, 9, 1, 2, 3]
    #expect(Self.penalties(recent) == [3: 2, 9: 1])
    #expect(Self.penalties(recent) { $0.dryAllowedLength = 1 } == [3: 4, 9: 2, 2: 1])
    #expect(Self.penalties(recent) { $0.dryAllowedLength = 3 } == [3: 1])
    #expect(Self.penalties(recent) { $0.dryAllowedLength = 4 } == [:])
    #expect(Self.penalties(recent) { ($0.dryMultiplier, $0.dryBase) = (0.5, 3) } == [3: 1.5, 9: 0.5])
    #expect(Self.penalties(recent) { $0.dryWindow = 8 } == [9: 1])
    #expect(Self.penalties([]) == [:] && Self.penalties([1]) == [:] && Self.penalties([1, 2]) == [:])
  }

  /// Against comparing every pair of places, for random sequences of few tokens.
  @Test func equalsPlainCounting() {
    var random = SplitMix64(state: 5)
    for length in 3..<60 {
      let recent = (0..<length).map { _ in Token(random.next() % 3) }
      var longest: [Token: Int] = [:]
      for next in 1..<length {
        var count = 0
        while count < next, recent[next - 1 - count] == recent[length - 1 - count] { count += 1 }
        if count >= 2 { longest[recent[next]] = max(longest[recent[next]] ?? 0, count) }
      }
      let expected = longest.mapValues { Float(pow(1.25, Double($0 - 2))) }
      let actual = Self.penalties(recent) { $0.dryBase = 1.25 }
      #expect(actual.keys == expected.keys)
      for (token, penalty) in actual { #expect(abs(penalty / expected[token]! - 1) < 1e-6) }
    }
  }

  @Test func repetitionsEndAtBreakers() {
    let pieces: [Token: String] = [7: ".\n"]
    func penalties(_ recent: [Token], _ breakers: [String]) -> [Token: Float] {
      Self.penalties(recent, pieces: pieces) { $0.dryBreakers = breakers }
    }
    // “7 1 2” came before, but only “1 2” came since the break.
    #expect(penalties([7, 1, 2, 3, 4, 7, 1, 2], []) == [3: 2])
    #expect(penalties([7, 1, 2, 3, 4, 7, 1, 2], ["\n"]) == [3: 1])
    // One token since the break: nothing long enough.
    #expect(penalties([5, 7, 1, 3, 5, 7, 1], []) == [3: 2])
    #expect(penalties([5, 7, 1, 3, 5, 7, 1], ["\n"]) == [:])
    // A breaker itself stays as likely as it was.
    #expect(penalties([1, 2, 7, 9, 1, 2], []) == [7: 1])
    #expect(penalties([1, 2, 7, 9, 1, 2], ["\n"]) == [:])
  }

  @Test func breakersMayLieAcrossTokens() {
    let pieces: [Token: String] = [1: "a", 2: "b#", 3: "#", 4: "#c", 5: "d"]
    func count(_ window: [Token], _ breakers: [String]) -> Int {
      SequenceBreakers(breakers) { Array(pieces[$0]!.utf8) }.tokensSinceLast(in: window[...])
    }
    #expect(count([1, 1, 1], ["#"]) == 3 && count([1, 2, 1], ["#"]) == 1 && count([2], ["#"]) == 0)
    #expect(count([5, 2, 4, 1, 5], ["##"]) == 2)  // in “b#” and “#c”
    #expect(count([2, 3, 4, 1], ["###"]) == 1 && count([2, 3, 1, 4], ["###"]) == 4)
    #expect(count([2, 3, 4, 1, 1], ["##", "###"]) == 2)  // the longest that starts there
    #expect(count([1, 1], []) == 2 && count([1, 1], [""]) == 2)
  }

  /// Through the whole chain: greedy answers stop looping.
  @Test func greedyDrawsTurnAway() {
    var options = SamplingOptions()
    (options.temperature, options.dryMultiplier, options.dryBreakers) = (0, 1, [])
    let logits: [Float] = [0, 0.5, 3, 2.5]
    #expect(SamplerTests.draw(1, logits, options, recent: [0, 1, 3, 0, 1])[0].token == 2)
    #expect(SamplerTests.draw(1, logits, options, recent: [0, 1, 2, 0, 1])[0].token == 3)
  }
}
