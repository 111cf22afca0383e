import Foundation
import TestModels
import Testing
import Tokenization

@testable import Inference

/// Guesses that are read ahead change nothing but the time: every bit is that of a run without any.
@Suite(.serialized) struct DraftTests {
  /// Guesses of a text that is known: right, wrong, right up to a place, or too long.
  private static func guesses(
    of text: [Token], from place: Int, _ most: Int, using random: inout SeededGenerator
  ) -> [Token] {
    let right = text.dropFirst(place).prefix(random.int(0...max(0, most)))
    var guesses = Array(right)
    switch random.int(0...3) {
    case 0: break
    case 1: guesses = TinyModelTests.randomTokens(random.int(0...40), using: &random)
    case 2: guesses.append(contentsOf: TinyModelTests.randomTokens(12, using: &random))
    default:
      if !guesses.isEmpty { guesses[random.int(0...guesses.count - 1)] = Token(random.int(0...98)) }
    }
    return Array(guesses.prefix(most))
  }

  /// The logits of every position, for each architecture, on several kernels and threads, with checkpoints and
  /// without.
  @Test(arguments: TinyModel.architectures)
  func logitsAreTheSameBits(architecture: String) throws {
    let model = try TinyModel.named(architecture).withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: 21)
    let text = TinyModelTests.randomTokens(90, using: &random)
    let plain = try InferenceContext(model, threads: 1, context: 96)
    let expected = try plain.allLogits(text)
    for (threads, keepsStream) in [(1, true), (2, false), (3, true)] {
      let context = try InferenceContext(
        model, threads: threads, context: 96, recordsSimilarity: true, keepsStream: keepsStream)
      // The second time round all is in the cache.
      for _ in 0..<2 {
        #expect(differences(try context.read(Array(text[..<3])), expected[2]) == 0)
        for t in 3..<text.count {
          let step = try context.step(text[t]) {
            Self.guesses(of: text, from: t + 1, $0, using: &random)
          }
          #expect(differences(step.next.logits, expected[t]) == 0, "token \(t), \(step.work)")
          #expect(context.tokens.count == t + 1 && context.isUpToDate)
        }
        #expect(context.tokens == text)
        let report = try #require(context.similarity())
        #expect(report.tokens.count == text.count)
        #expect(report.attention.joined().contains { !$0.isNaN })
      }
      // A text that parts from what the cache holds.
      let other = Array(text[..<40]) + text[60..<80]
      let fresh = try InferenceContext(model, threads: 1, context: 96).lastLogits(other)
      #expect(differences(try context.read(other), fresh) == 0)
    }
  }

  /// Random plans, changed in the midst of a text whose guesses are in the cache.
  @Test(arguments: ["llama", "gemma3", "bitnet", "qwen3"])
  func plansMayChangeInMidDraft(architecture: String) throws {
    let model = try TinyModel.named(architecture).withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: 22), plan = Plan.baseline
    let text = TinyModelTests.randomTokens(120, using: &random)
    let context = try InferenceContext(model, threads: 2, context: 128, keepsStream: true)
    for round in 0..<8 {
      try context.read(Array(text[..<random.int(1...20)]))
      while context.tokens.count < 100 {
        let t = context.tokens.count
        let step = try context.step(text[t]) { Self.guesses(of: text, from: t + 1, $0, using: &random) }
        if random.int(0...9) == 0 {
          plan = TinyModelTests.change(plan, of: model, using: &random)
          try context.use(plan)
          let again = Array(try context.read(context.tokens))
          let fresh = try InferenceContext(model, plan: plan, threads: 1, context: 128)
          #expect(differences(try fresh.read(context.tokens), again) == 0, "round \(round), token \(t)")
        } else if random.int(0...5) == 0 {
          let fresh = try InferenceContext(model, plan: plan, threads: 1, context: 128)
          #expect(
            differences(try fresh.read(context.tokens), step.next.logits) == 0, "round \(round), token \(t)")
        }
      }
    }
  }

  /// A batch that is stopped leaves the text as it was, and what is in the cache usable.
  @Test func aStoppedBatchLeavesTheText() throws {
    let model = try TinyModel.llama().withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: 23)
    let text = TinyModelTests.randomTokens(60, using: &random)
    let expected = try InferenceContext(model, threads: 1, context: 64).allLogits(text)
    let context = try InferenceContext(model, threads: 2, context: 64, keepsStream: true)
    try context.read(Array(text[..<4]))
    for t in 4..<text.count {
      var checks = 0
      let last = random.int(0...6)
      func step(_ stops: Bool) throws -> InferenceContext.Step {
        try context.step(
          text[t], guesses: { Self.guesses(of: text, from: t + 1, $0, using: &random) },
          progress: { _ in
            checks += 1
            return !stops || checks <= last
          })
      }
      do { _ = try step(true) } catch is CancellationError {
        #expect(context.tokens == Array(text[..<t]) && context.isUpToDate)
        #expect(differences(try step(false).next.logits, expected[t]) == 0, "token \(t)")
        continue
      }
      #expect(context.tokens == Array(text[...t]))
    }
    #expect(differences(try context.read(text), expected[59]) == 0)
  }

  @Test func guessesEndWithTheContext() throws {
    let model = try TinyModel.llama().withFile { try Model(path: $0) }
    let context = try InferenceContext(model, threads: 1, context: 16)
    try context.read([5, 6])
    while context.tokens.count < 16 {
      _ = try context.step(7) { most in
        #expect(most == 15 - context.tokens.count)
        return Array(repeating: 9, count: most)
      }
    }
    #expect(throws: ContextError.full(needed: 17, capacity: 16)) { try context.step(7) { _ in [9] } }
  }

  /// Where the KV cache has more than checkpoints keep, tokens are read again.
  @Test func rowsOfLogitsSurviveOtherLogits() throws {
    let model = try TinyModel.llama().withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: 24)
    let text = TinyModelTests.randomTokens(40, using: &random)
    let context = try InferenceContext(model, threads: 1, context: 64, keepsStream: true)
    let expected = try InferenceContext(model, threads: 1, context: 64).allLogits(text)
    try context.read(Array(text[..<8]))
    _ = try context.step(text[8]) { _ in Array(text[9..<30]) }
    // As a probe does between two tokens of an answer.
    context.restoreEnd(0..<4)
    context.transformer.computeLogits(rows: 0..<4)
    for t in 9..<30 {
      let step = try context.step(text[t])
      #expect(step.work == .guessed && differences(step.next.logits, expected[t]) == 0)
    }
    #expect(try context.step(text[30]).work == .decoded)
  }

  // MARK: Answers

  private func sampling(using random: inout SeededGenerator) -> SamplingOptions {
    var options = SamplingOptions()
    options.seed = UInt64(random.int(0...1 << 30))
    options.temperature = [0, 0.3, 0.8, 1.5].randomElement(using: &random)!
    options.topK = [0, 1, 5, 40].randomElement(using: &random)!
    options.repeatPenalty = [1, 1, 1.3].randomElement(using: &random)!
    options.frequencyPenalty = [0, 0.4].randomElement(using: &random)!
    options.dryMultiplier = [0, 0.8].randomElement(using: &random)!
    options.xtcProbability = [0, 0.5].randomElement(using: &random)!
    options.typicalP = [1, 0.9].randomElement(using: &random)!
    options.mirostat = [0, 0, 0, 1, 2].randomElement(using: &random)!
    options.logitBias = [[:], [9: 3, 12: -.infinity]].randomElement(using: &random)!
    options.loopGuard = [0, 64].randomElement(using: &random)!
    return options
  }

  private struct Taken: Equatable {
    var tokens: [AnswerToken] = []
    var stop: StopReason?
    var text: [Token] = []
  }

  /// Earlier answers of all kinds: the answer itself, its beginning, one that goes on behind it, one that differs
  /// here and there, others, and tokens that no vocabulary has.
  private func drafts(like ids: [Token], using random: inout SeededGenerator) -> [[Token]] {
    var drafts: [[Token]] = []
    for _ in 0..<random.int(0...3) {
      var draft = ids
      switch random.int(0...6) {
      case 0: draft = Array(draft.prefix(random.int(0...max(0, ids.count))))
      case 1: draft += TinyModelTests.randomTokens(20, using: &random)
      case 2: draft = TinyModelTests.randomTokens(50, using: &random)
      case 3, 4:
        for _ in 0...random.int(0...3) where !draft.isEmpty {
          draft[random.int(0...draft.count - 1)] = Token(random.int(0...98))
        }
      case 5: draft.insert([-1, 1 << 30, 2].randomElement(using: &random)!, at: draft.count / 2)
      default: break
      }
      drafts.append(draft)
    }
    return drafts
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func answersAreThoseOfAFreshRun(seed: UInt64) throws {
    var random = SeededGenerator(seed: 100 + seed)
    let tiny = seed % 2 == 0 ? TinyModel.llama() : TinyModel.llama().endless
    let model = try tiny.withFile { try Model(path: $0) }
    let context = try InferenceContext(model, threads: 2, context: 160, keepsStream: true)
    var plan = Plan.baseline, accepted = 0
    var prompt = TinyModelTests.randomTokens(20, using: &random)
    for round in 0..<30 {
      if round % 3 == 0 { plan = TinyModelTests.change(plan, of: model, using: &random) }
      if round % 4 == 1 { prompt = TinyModelTests.randomTokens(random.int(1...60), using: &random) }
      var options = sampling(using: &random)
      let most = [nil, 0, 1, 40, 100].randomElement(using: &random)!
      let isPlain = random.int(0...3) == 0, stopAt = random.int(0...2) == 0 ? random.int(0...60) : nil
      func answer(in context: InferenceContext, drafts: [[Token]]) throws -> (Taken, AnswerStatistics) {
        var taken = Taken()
        let statistics = try context.answer(
          prompt, sampling: options, maximumTokens: most, isPlain: isPlain, drafts: drafts,
          isInterrupted: { taken.tokens.count == stopAt }
        ) { token, _ in taken.tokens.append(token) }
        (taken.stop, taken.text) = (statistics.stop, context.tokens)
        return (taken, statistics)
      }
      options.draft = 0
      let fresh = try InferenceContext(model, plan: plan, threads: 1, context: 160)
      let (expected, _) = try answer(in: fresh, drafts: [])
      options.draft = random.int(1...31)
      try context.use(plan)
      let ids = expected.tokens.map { Token($0.id) }.filter { $0 >= 0 }
      let (taken, statistics) = try answer(in: context, drafts: drafts(like: ids, using: &random))
      #expect(taken.tokens == expected.tokens, "round \(round), \(options), \(plan)")
      #expect(taken.stop == expected.stop)
      // A batch is stopped at once, before its first token is a part of the text.
      let isStopped = expected.stop == .interrupted && taken.text == expected.text.dropLast()
      #expect(taken.text == expected.text || isStopped)
      if let draft = statistics.draft {
        #expect(draft.accepted <= draft.proposed && draft.batches > 0 && draft.seconds > 0)
        accepted += draft.accepted
      }
      #expect(statistics.decodedTokens >= 0)
    }
    #expect(accepted > 50)
  }

  /// An equal plan: all of the answer is in the cache, and none of it is decoded.
  @Test(arguments: [true, false]) func aRerunDecodesNothing(keepsStream: Bool) throws {
    let model = try TinyModel.llama().endless.withFile { try Model(path: $0) }
    let context = try InferenceContext(model, threads: 1, context: 256, keepsStream: keepsStream)
    var options = SamplingOptions()
    (options.seed, options.temperature) = (7, 1.2)
    func answer(_ drafts: [[Token]]) throws -> (ids: [Token], statistics: AnswerStatistics) {
      var ids: [Token] = []
      let statistics = try context.answer(
        [5, 6, 7, 8], sampling: options, maximumTokens: 150, drafts: drafts
      ) { token, _ in if token.id >= 0 { ids.append(Token(token.id)) } }
      return (ids, statistics)
    }
    let first = try answer([])
    let again = try answer(keepsStream ? [] : [first.ids])
    #expect(again.ids == first.ids)
    let draft = try #require(again.statistics.draft)
    #expect(draft.accepted + draft.batches >= 149 && draft.batches < 12)
    // A speed of decoding comes from what is decoded.
    #expect(again.statistics.decodeTokensPerSecond == 0 || again.statistics.decodedTokens > 0)
    // Nothing is guessed where nothing is to be.
    options.draft = 0
    let plain = try answer([first.ids])
    #expect(plain.ids == first.ids && plain.statistics.draft == nil)
    #expect(plain.statistics.decodedTokens == 150)
  }

  /// Thoughts: their markers, the budget that closes them, and the parts of tokens.
  @Test(arguments: [nil, 0, 4, 8] as [Int?]) func thoughtsAreTheSame(budget: Int?) throws {
    let model = try TinyModel.thinking().withFile { try Model(path: $0) }
    let prompt = try model.chatFormat.tokens([ChatMessage(role: .user, content: "hi")])
    var options = SamplingOptions()
    (options.temperature, options.thinkBudget) = (0, budget)
    func answer(_ drafts: [[Token]], keepsStream: Bool) throws -> ([AnswerToken], AnswerStatistics) {
      let context = try InferenceContext(model, threads: 1, context: 128, keepsStream: keepsStream)
      var tokens: [AnswerToken] = []
      let statistics = try context.answer(
        prompt, sampling: options, maximumTokens: 60, thinking: model.chatFormat.thinking, drafts: drafts
      ) { token, _ in tokens.append(token) }
      return (tokens, statistics)
    }
    let (expected, figures) = try answer([], keepsStream: false)
    let ids = expected.map { Token($0.id) }.filter { $0 >= 0 }
    for draft in [ids, Array(ids.dropLast(3)), Array(ids.prefix(9)) + [40, 41] + ids.dropFirst(9)] {
      let (tokens, statistics) = try answer([draft], keepsStream: true)
      #expect(tokens == expected && statistics.stop == figures.stop)
      #expect(statistics.thought?.tokens == figures.thought?.tokens)
      #expect(try #require(statistics.draft).accepted > 0)
    }
  }

  /// An answer whose plan changes on the way, at the same token with guesses and without.
  @Test func answersWhosePlanChanges() throws {
    let model = try TinyModel.llama().endless.withFile { try Model(path: $0) }
    var random = SeededGenerator(seed: 31), earlier: [Token] = []
    for round in 0..<12 {
      var options = sampling(using: &random)
      options.loopGuard = 0
      var first = Plan(), second = Plan()
      first.drop.attention = [random.int(0...4)]
      second.drop.mlp = [random.int(0...4)]
      let change = random.int(1...50)
      func answer(_ draft: Int) throws -> [Token] {
        let context = try InferenceContext(
          model, plan: first, threads: 1, context: 128, keepsStream: draft > 0)
        var ids: [Token] = []
        options.draft = draft
        let run = try AnswerRun(
          context, [5, 6, 7], sampling: options, maximumTokens: 80, isPlain: false, drafts: [earlier],
          progress: { _ in true }
        ) { token, _ in if token.id >= 0 { ids.append(Token(token.id)) } }
        while !run.isOver {
          if ids.count == change, context.plan == first {
            try run.use(second) { _ in true }
            try run.readAgain { _ in true }
          }
          try run.step()
        }
        return ids
      }
      let expected = try answer(0)
      #expect(try answer(31) == expected, "round \(round)")
      earlier = Array(expected.prefix(random.int(0...80)))
      #expect(try answer(31) == expected, "round \(round)")
    }
  }
}

/// What is guessed, and when it pays.
@Suite struct DraftGuessTests {
  private let prompt: [Token] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
  ]

  /// A draft under which every guess is thought to come true.
  private func draft(_ earlier: [[Token]], after prompt: [Token], isEnd: (Token) -> Bool = { _ in false })
    -> Draft
  {
    var draft = Draft(earlier, after: prompt, most: 31, isEnd: isEnd)
    for agreement in [3, 8, 13, 16] { for _ in 0..<99 { draft.pace.learn(true, after: agreement) } }
    for _ in 0..<40 { draft.pace.saved() }
    return draft
  }

  @Test func anEarlierAnswerIsFollowedFromItsBeginning() {
    let answer = (100..<140).map { Token($0) }
    var draft = draft([answer], after: prompt)
    #expect(draft.proposal(31) == Array(answer.prefix(31)))
    #expect(draft.proposal(10) == Array(answer.prefix(10)))
    draft.append(100)
    draft.append(101)
    #expect(draft.proposal(31) == Array(answer[2..<33]))
  }

  /// Where one answer is left, another that begins alike goes on; else the same three tokens do.
  @Test func itGoesOnWithAnotherAnswer() {
    let first: [Token] = [100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111]
    let second: [Token] = [100, 200] + (201..<220).map { Token($0) }
    var draft = draft([first, second], after: prompt)
    draft.append(100)
    draft.append(200)
    let guesses = draft.proposal(31)
    #expect(guesses.count > 6 && second[2...].starts(with: guesses))
    // Neither goes on like this, and then the first does.
    for token: Token in [55, 102, 103] { draft.append(token) }
    #expect(draft.proposal(31).isEmpty)
    draft.append(104)
    #expect(draft.proposal(31) == [105, 106, 107, 108, 109, 110, 111])
  }

  @Test func thePromptIsQuoted() {
    var draft = draft([], after: prompt + [50, 51])
    #expect(draft.proposal(31).isEmpty)
    for token: Token in [4, 5] { draft.append(token) }
    #expect(draft.proposal(31).isEmpty)
    draft.append(6)
    let rest: [Token] = Array(prompt[6...]) + [50, 51, 4, 5, 6]
    // Then the guesses themselves are what went on so.
    #expect(draft.proposal(31) == rest + rest.prefix(10))
  }

  /// Behind the end of a turn nothing is guessed, and a loop goes on.
  @Test func endsAndLoops() {
    var draft = draft([], after: prompt + [2, 99, 98], isEnd: { $0 == 99 })
    for token: Token in [11, 12, 13] { draft.append(token) }
    #expect(draft.proposal(31) == Array(prompt[13...]) + [2])
    for token: Token in [70, 71, 72, 70, 71, 72] { draft.append(token) }
    #expect(draft.proposal(8) == [70, 71, 72, 70, 71, 72, 70, 71])
  }

  @Test func nothingIsGuessedWhereNothingIsToBe() {
    var draft = Draft([prompt], after: prompt, most: 0)
    for token: Token in [1, 2, 3, 4] { draft.append(token) }
    #expect(draft.proposal(31).isEmpty)
  }

  /// What failed costs at most its bound, whatever seemed likely.
  @Test func failuresAreBounded() {
    var pace = DraftPace(hasEarlier: false)
    for _ in 0..<50 { pace.decoded(1) }
    var spent = 0.0, decoded = 50.0
    for _ in 0..<2000 {
      for agreement in [3, 8, 13, 16] { pace.learn(true, after: agreement) }
      if pace.length(of: 31, after: 16) > 0 {
        pace.read(8, 5.2, isWhole: true)
        spent += 4.2
      } else {
        pace.decoded(1)
        decoded += 1
      }
    }
    #expect(spent > 0 && spent <= 4.5 + 0.01 * decoded + 1e-6)
  }

  @Test func whatFailsIsNotTriedAgain() {
    var pace = DraftPace(hasEarlier: true)
    #expect(pace.length(of: 31, after: 16) > 0)
    for _ in 0..<8 { pace.learn(false, after: 16) }
    #expect(pace.length(of: 31, after: 16) == 0)
    for _ in 0..<80 { pace.learn(true, after: 16) }
    #expect(pace.length(of: 31, after: 16) == 15)
    // More is risked when something was saved.
    for _ in 0..<15 { pace.saved() }
    #expect(pace.length(of: 31, after: 16) == 31)
    #expect(pace.length(of: 3, after: 16) == 0)
  }

  /// Places are found whatever else has their hash.
  @Test func trigramsAreFound() {
    var random = SeededGenerator(seed: 5)
    let text = (0..<20_000).map { _ in Token(random.int(0...40)) }
    var index = TrigramIndex(capacity: 100)
    for count in 0..<text.count { index.add(text, count) }
    for _ in 0..<200 {
      let count = random.int(3...text.count)
      let wanted = Array(text[count - 3..<count])
      var places: [Int] = [], next = index.last(Array(text[..<count]))
      while let place = next {
        if Array(text[max(0, place - 3)..<place]) == wanted { places.append(place) }
        next = index.earlier(place)
      }
      let expected = (3..<text.count).reversed().filter { Array(text[$0 - 3..<$0]) == wanted }
      #expect(places == expected)
    }
  }
}

/// Figures of answers with guesses.
@Suite struct DraftStatisticsTests {
  private func statistics(_ tokens: Int, _ rate: Double, _ draft: DraftStatistics?) -> AnswerStatistics {
    AnswerStatistics(
      promptTokens: 5, reusedTokens: 0, answerTokens: tokens, prefillTokensPerSecond: 10,
      decodeTokensPerSecond: rate, firstTokenSeconds: 0, stop: .length, draft: draft)
  }

  @Test func speedsAreOfDecodedTokens() {
    let draft = DraftStatistics(accepted: 60, proposed: 80, batches: 10, seconds: 2)
    var first = statistics(100, 10, draft)
    #expect(first.decodedTokens == 30 && first.answerSeconds == 5)
    let sum = statistics(20, 20, nil).added(to: first)
    #expect(sum.decodedTokens == 50 && sum.decodeTokensPerSecond == 12.5 && sum.draft == draft)
    let more = statistics(50, 0, DraftStatistics(accepted: 48, proposed: 48, batches: 2, seconds: 1))
    #expect(more.decodedTokens == 0 && more.answerSeconds == 1)
    #expect(more.added(to: first).decodeTokensPerSecond == 10)
    #expect(
      more.added(to: first).draft == DraftStatistics(accepted: 108, proposed: 128, batches: 12, seconds: 3))
    first.thought = ThoughtStatistics(
      tokens: 40, seconds: 2, draft: DraftStatistics(accepted: 18, proposed: 18, batches: 2, seconds: 1))
    #expect(first.thought?.tokensPerSecond == 20 && first.contentTokensPerSecond == 5)
  }
}
