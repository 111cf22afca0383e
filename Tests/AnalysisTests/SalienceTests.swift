import Inference
import ModelFiles
import Synchronization
import Testing
import Tokenization

@testable import Analysis

/// Words left out before a token, with the default model.
@Suite(.serialized, .enabled(if: ModelFiles.areThere)) struct SalienceTests {
  private func reports(_ tokens: [Token], stopAfter limit: Int = .max) throws -> [SalienceReport] {
    let reports = Mutex<[SalienceReport]>([])
    let pace = Pace(
      mustPause: { false },
      giveWay: { if reports.withLock({ $0.count }) >= limit { throw CancellationError() } },
      report: { item in
        if case .report(let report as SalienceReport) = item { reports.withLock { $0.append(report) } }
      })
    do { try SalienceMeasurement(tokens).run(in: Fixture.context(), pace) } catch is CancellationError {}
    return reports.withLock { $0 }
  }

  @Test func effectsAreDifferencesOfLogProbabilities() throws {
    let tokenizer = Fixture.model.tokenizer
    let tokens = tokenizer.encode(Array("The capital of France is Paris".utf8))
    let all = try reports(tokens), last = try #require(all.last)
    #expect(
      last.target == " Paris" && last.words.map(\.text) == ["The", " capital", " of", " France", " is"])
    // From the last word back, one by one.
    #expect(all.map(\.fraction) == (0...5).map { Double($0) / 5 })
    #expect(all[1].words.map { $0.effect != nil } == [false, false, false, false, true])
    for word in last.words {
      let rest = Array(tokens[..<word.positions.lowerBound] + tokens[word.positions.upperBound...])
      let with = try TokenScores(of: tokens, in: Fixture.context()).logProbability.last
      let without = try TokenScores(of: rest, in: Fixture.context()).logProbability.last
      let expected = try #require(with) - #require(without)
      #expect(abs(try #require(word.effect) - expected) < 1e-4)
    }
    #expect(try reports(tokens, stopAfter: 3).last?.fraction == 2.0 / 5)
  }

  @Test func wordsAreWhole() {
    let tokenizer = Fixture.model.tokenizer
    let text = "<|im_start|>user\nIsn't antidisestablishmentarianism odd?\n\n  Yes, 好的。<|im_end|>\n"
    let tokens = tokenizer.encode(Array(text.utf8), parsesSpecial: true)
    let words = SalienceMeasurement.words(tokens, tokenizer)
    #expect(words.prefix(4).map(\.text) == ["user", "Isn't", " antidisestablishmentarianism", " odd?"])
    #expect(words[2].positions.count > 1)
    #expect(words.contains { $0.text.hasSuffix("Yes,") })
    #expect(words.allSatisfy { !$0.text.contains("<|im") })
    for (word, next) in zip(words, words.dropFirst()) {
      #expect(word.positions.upperBound <= next.positions.lowerBound)
    }
  }
}
