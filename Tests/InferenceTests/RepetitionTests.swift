import Foundation
import TestModels
import Testing
import Tokenization

@testable import Inference

/// The repetition that an answer ends with, and the guard that stops it.
@Suite struct RepetitionTests {
  private func meter(_ tokens: some Sequence<Token>, first: Int = 0) -> RepetitionMeter {
    var meter = RepetitionMeter(first: first)
    for token in tokens { meter.append(token) }
    return meter
  }

  /// Tokens that differ from each other, and a block of them `count` times.
  private func looping(after prefix: Int, period: Int, count: Int) -> [Token] {
    (0..<prefix).map { Token(10_000 + $0) }
      + (0..<count).flatMap { _ in (0..<period).map { Token($0) } }
  }

  @Test(arguments: [(0, 1), (5, 1), (30, 2), (700, 7), (3, 40), (400, 80), (10, 200), (2000, 256)])
  func aLoopIsFoundSinceItsFirstRepeat(prefix: Int, period: Int) throws {
    let tokens = looping(after: prefix, period: period, count: max(4, 400 / period))
    let found = try #require(meter(tokens).repetition(length: 320))
    #expect(found == Repetition(from: prefix + period, period: period))
  }

  @Test func aLoopThatWasLeftIsNone() {
    let tokens = looping(after: 10, period: 5, count: 100)
    #expect(meter(tokens).repetition(length: 320) != nil)
    #expect(meter(tokens + [77]).repetition(length: 48) == nil)
  }

  @Test func shorterOnesAreLetPass() {
    #expect(meter(looping(after: 10, period: 5, count: 63)).repetition(length: 320) == nil)
    #expect(meter(looping(after: 10, period: 5, count: 64)).repetition(length: 320) != nil)
    // Long, but of three periods only.
    #expect(meter(looping(after: 10, period: 200, count: 3)).repetition(length: 320) == nil)
    // Longer than the longest period that is watched.
    #expect(meter(looping(after: 10, period: 257, count: 8)).repetition(length: 320) == nil)
  }

  @Test func tokensAreCountedFromTheAnswersBeginning() throws {
    let found = meter(looping(after: 4, period: 3, count: 120), first: 1000).repetition(length: 320)
    #expect(found == Repetition(from: 1007, period: 3))
  }

  /// Texts that repeat on purpose, with a token for each byte: more than any vocabulary makes of them.
  @Test(arguments: [
    String(repeating: "[0, 0, 0, 0, 0, 0, 0, 0],\n", count: 8),
    String(repeating: "Row, row, row your boat, gently down the stream.\n", count: 3),
    (1...40).map { "\($0). Item number \($0) of the list\n" }.joined(),
    (1...60).map { "| \($0) | yes | no | 0 |\n" }.joined(),
    (1...50).map { "    case \($0): return names[\($0)];\n" }.joined(),
    String(repeating: "-", count: 78) + "\n",
    (1...12).map { "On day \($0) my true love sent to me\n" }.joined(),
  ])
  func textsThatRepeatOnPurposePass(text: String) {
    var meter = RepetitionMeter()
    for byte in text.utf8 {
      meter.append(Token(byte))
      #expect(meter.repetition(length: SamplingOptions.standard.loopGuard) == nil)
    }
  }

  @Test func theGuardStopsAnAnswer() throws {
    let model = try TinyModel.llama().endless.withFile { try Model(path: $0) }
    func answer(_ loopGuard: Int) throws -> AnswerStatistics {
      let context = try InferenceContext(model, threads: 1, context: 512)
      var sampling = SamplingOptions()
      (sampling.temperature, sampling.loopGuard, sampling.logitBias) = (0, loopGuard, [9: 1e6])
      return try context.answer([5, 6, 7], sampling: sampling, maximumTokens: 200) { _, _ in }
    }
    // The same token again and again, whatever the model would say.
    let free = try answer(0)
    #expect(free.stop == .length && free.answerTokens == 200 && free.loop == Repetition(from: 1, period: 1))
    let stopped = try answer(64)
    #expect(stopped.stop == .loop && stopped.answerTokens == 64 && stopped.loop == free.loop)
    #expect(try answer(201).stop == .length)
  }

  @Test func theBoundOfTheOptionsHolds() throws {
    let model = try TinyModel.llama().endless.withFile { try Model(path: $0) }
    let context = try InferenceContext(model, threads: 1, context: 128)
    var sampling = SamplingOptions()
    sampling.maximumTokens = 9
    let statistics = try context.answer([5, 6, 7], sampling: sampling) { _, _ in }
    #expect(statistics.stop == .length && statistics.answerTokens == 9)
    #expect(
      try context.answer([5, 6, 7], sampling: sampling, maximumTokens: 4) { _, _ in }.answerTokens == 4)
  }
}
