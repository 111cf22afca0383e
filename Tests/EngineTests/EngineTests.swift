import Engine
import Foundation
import Inference
import ModelFiles
import TestModels
import Testing
import Tokenization

/// The engine thread, with a model small enough to answer at once.
@Suite(.serialized) struct EngineTests {
  static let options = LoadOptions(threads: 1, context: 2048)

  static func probe(_ model: TinyModel = .llama().endless, options: LoadOptions = options) throws
    -> EngineProbe
  {
    try model.withFile { try EngineProbe(loading: $0, options: options) }
  }

  /// Short names of events, without those that come when they like.
  static func outline(_ events: [EngineEvent]) -> [String] {
    events.compactMap { event in
      switch event {
      case .loaded: "loaded"
      case .planInUse: "plan"
      case .answerStarted(let id, _, _): "started \(id)"
      case .answerText(let id, _): "text \(id)"
      case .answerFinished(let id, _): "finished \(id)"
      case .failed(.answer(let id), _): "failed \(id)"
      case .failed(.load, _): "failed load"
      case .failed(.plan, _): "failed plan"
      case .promptTooLong(let id, _): "too long \(id)"
      case .failed(.tokenize, _): "failed tokenize"
      case .prompt: "prompt"
      case .progress, .rates, .similarity, .probe, .analysis: nil
      }
    }.reduce(into: []) { names, name in if names.last != name { names.append(name) } }
  }

  /// Weights are kept while nothing else is to do, and the next engine answers with them as this one does.
  @Test func weightsAreKeptForTheNextStart() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pare-cache-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = WeightCache(folder: folder, limit: 1 << 30)
    try TinyModel.llama().endless.withFile { path in
      let options = LoadOptions(threads: 1, context: 2048, weightCache: cache)
      let first = try EngineProbe(loading: path, options: options)
      let answer = try first.answer(.greedy(1, "a", maximumTokens: 20)).text
      let deadline = ContinuousClock.now + .seconds(30)
      while cache.byteCount == 0, .now < deadline { usleep(1000) }
      #expect(cache.byteCount > 0)
      let second = try EngineProbe(loading: path, options: options)
      #expect(try second.answer(.greedy(1, "a", maximumTokens: 20)).text == answer)
    }
  }

  /// A model file that is cut short ends the answer under way with a sentence; the next model answers.
  @Test func aFileThatIsCutShortEndsTheAnswer() throws {
    let wide = TinyModel.Sizes(layers: 2, width: 1024, heads: 4, kvHeads: 2, headWidth: 32, mlpWidth: 64)
    try TinyModel.llama(wide).endless.withFile { path in
      let probe = try EngineProbe(loading: path, options: Self.options)
      probe.engine.send(.answer(.greedy(1, "a")))
      try probe.wait { $0.contains { if case .answerText(1, _) = $0 { true } else { false } } }
      #expect(truncate(path, 4096) == 0)
      let answer = try probe.finish(1)
      #expect(answer.failure?.contains("cut short") == true && answer.failure?.contains(path) == true)
      #expect(answer.statistics == nil && !answer.tokens.isEmpty)
      #expect(try probe.answer(.greedy(2, "b")).failure?.contains("cut short") == true)
      try TinyModel.llama().endless.withFile { other in
        probe.engine.send(.load(path: other, options: Self.options))
        let next = try probe.answer(.greedy(3, "c", maximumTokens: 3))
        #expect(next.failure == nil && next.tokens.count == 3)
      }
    }
  }

  /// Where they cannot be kept, the engine answers all the same.
  @Test func weightsThatCannotBeKeptAreNoFailure() throws {
    try TinyModel.llama().endless.withFile { path in
      let cache = WeightCache(folder: URL(filePath: path + "/weights"), limit: 1 << 30)
      let probe = try EngineProbe(
        loading: path, options: LoadOptions(threads: 1, context: 64, weightCache: cache))
      for id in 1...2 { #expect(try probe.answer(.greedy(id, "a", maximumTokens: 5)).failure == nil) }
    }
  }

  @Test func eventsInOrder() throws {
    try TinyModel.llama().endless.withFile { path in
      let probe = EngineProbe()
      var plan = Plan()
      plan.toggle(.mlp, layer: 1)
      probe.engine.send(.load(path: path, options: Self.options))
      probe.engine.send(.answer(.greedy(1, "a", maximumTokens: 5)))
      probe.engine.send(.use(plan))
      probe.engine.send(.answer(.greedy(2, "b", plan: plan, maximumTokens: 5)))
      let events = try probe.wait { $0.contains { AnswerRecord.ends($0, 2) } }
      #expect(
        Self.outline(events) == [
          "loaded", "plan", "started 1", "plan", "text 1", "finished 1", "started 2", "text 2", "finished 2",
        ])
      let figures = events.compactMap { event -> PlanFigures? in
        if case .planInUse(let figures) = event { figures } else { nil }
      }
      #expect(figures.map(\.plan) == [.baseline, plan])
      #expect(figures[1].weightBytesPerToken < figures[0].weightBytesPerToken)
      #expect(figures[1].baselineWeightBytesPerToken == figures[0].weightBytesPerToken)
      guard case .loaded(let summary)? = events.first(where: { if case .loaded = $0 { true } else { false } })
      else { return }
      #expect(summary.architecture == "llama" && summary.layers == 5 && summary.context == 2048)
      #expect(summary.threads == 1 && summary.path == path)
    }
  }

  /// Greedy answers are the likeliest tokens, one after the other.
  @Test func answersWithTheLikeliestTokens() throws {
    try TinyModel.llama().endless.withFile { path in
      let probe = try EngineProbe(loading: path, options: Self.options)
      let record = try probe.answer(.greedy(3, "Why is the sky blue?", maximumTokens: 40))
      let model = try Model(path: path)
      let context = try InferenceContext(model, threads: 1, context: 256)
      let prompt = try model.chatFormat.tokens([ChatMessage(role: .user, content: "Why is the sky blue?")])
      var logits = Array(try context.read(prompt))
      for token in record.tokens {
        let expected = logits.indices.max { logits[$0] < logits[$1] }!
        #expect(token.id == expected)
        #expect(abs(Double(token.logProbability) - logSoftmax(logits)[expected]) < 1e-5)
        logits = Array(try context.append(Token(expected)))
      }
      #expect(
        record.text == String(decoding: model.tokenizer.decode(record.ids.map(Token.init)), as: UTF8.self))
      #expect(record.started?.promptTokens == prompt.count && record.started?.reusedTokens == 0)
      let statistics = try #require(record.statistics)
      #expect(statistics.promptTokens == prompt.count && statistics.answerTokens == 40)
      #expect(statistics.stop == .length && record.ids.count == 40)
      #expect(statistics.prefillTokensPerSecond > 0 && statistics.decodeTokensPerSecond > 0)
      #expect(statistics.firstTokenSeconds > 0)
    }
  }

  @Test func rerunningReusesThePrompt() throws {
    let probe = try Self.probe()
    let first = try probe.answer(.greedy(1, "the same again", maximumTokens: 30))
    let again = try probe.answer(.greedy(2, "the same again", maximumTokens: 30))
    #expect(again.tokens == first.tokens)
    #expect(again.started?.reusedTokens == first.started?.promptTokens)
    #expect(again.statistics?.reusedTokens == again.started?.reusedTokens)
    // The conversation goes on: all of it was read before but what is new.
    var request = AnswerRequest.greedy(3, "the same again", maximumTokens: 5)
    request.messages += [
      ChatMessage(role: .assistant, content: first.text), ChatMessage(role: .user, content: "and then?"),
    ]
    let third = try probe.answer(request)
    #expect(third.started.map { $0.reusedTokens >= (first.started?.promptTokens ?? 0) } == true)
    let fresh = try Self.probe().answer(request)
    #expect(third.tokens == fresh.tokens && fresh.started?.reusedTokens == 0)
  }

  @Test func plansChangeAnswersAndBaselineBringsThemBack() throws {
    let probe = try Self.probe()
    var plan = Plan()
    plan.drop.attention = [1, 2]
    plan.bits.default = .three
    let baseline = try probe.answer(.greedy(1, "compare", maximumTokens: 25))
    let planned = try probe.answer(.greedy(2, "compare", plan: plan, maximumTokens: 25))
    let restored = try probe.answer(.greedy(3, "compare", maximumTokens: 25))
    #expect(planned.tokens != baseline.tokens)
    #expect(restored.tokens == baseline.tokens && restored.started?.reusedTokens == 0)
    #expect(Self.outline(planned.events) == ["plan", "started 2", "text 2", "finished 2"])
    let fresh = try Self.probe().answer(.greedy(4, "compare", plan: plan, maximumTokens: 25))
    #expect(fresh.tokens == planned.tokens)
  }

  /// Plans that are chosen while an answer streams hold from the next token on, as if all had been read under
  /// them.
  @Test(arguments: [
    Plan.with { $0.drop.attention = [1] }, .with { $0.bits.default = .four }, .with { $0.kvBits = 8 },
  ])
  func plansChangeInMidAnswer(plan: Plan) throws {
    let model = TinyModel.llama().endless
    let probe = try Self.probe(model)
    probe.engine.send(.answer(.greedy(1, "change", maximumTokens: 400)))
    try probe.wait { events in events.contains { if case .answerText = $0 { true } else { false } } }
    probe.engine.send(.use(plan))
    let answer = try probe.finish(1)
    #expect(answer.tokens.count == 400 && answer.statistics?.stop == .length)
    let names = Self.outline(answer.events)
    #expect(names.contains("plan"), "\(names)")
    // How many tokens came before.
    var before = 0
    for event in answer.events {
      if case .planInUse = event { break }
      if case .answerText(_, let tokens) = event { before += tokens.count }
    }
    try model.withFile { path in
      let model = try Model(path: path)
      let prompt = try model.chatFormat.tokens([ChatMessage(role: .user, content: "change")])
      var text = prompt + answer.ids.prefix(before).map { Token($0) }
      let old = try InferenceContext(model, threads: 1, context: 2048)
      let new = try InferenceContext(model, plan: plan, threads: 1, context: 2048)
      for (index, id) in answer.ids.enumerated() where index < before || index < before + 20 {
        let context = index < before ? old : new
        let logits = try context.read(Array(text.prefix(prompt.count + index)))
        #expect(id == logits.indices.max { logits[$0] < logits[$1] }, "token \(index) of \(before)")
        if index >= before { text.append(Token(id)) }
      }
    }
  }

  @Test func seedsMakeAnswersRepeatable() throws {
    let probe = try Self.probe()
    func answer(_ id: Int, seed: UInt64?) throws -> [AnswerToken] {
      var request = AnswerRequest.greedy(id, "roll the dice", maximumTokens: 30)
      request.sampling = SamplingOptions()
      request.sampling.seed = seed
      return try probe.answer(request).tokens
    }
    let first = try answer(1, seed: 7)
    #expect(try answer(2, seed: 7) == first)
    #expect(try answer(3, seed: 8) != first)
    #expect(try answer(4, seed: nil) != answer(5, seed: nil))
  }

  @Test func interruptStopsAtOnce() throws {
    let probe = try Self.probe()
    probe.engine.send(.answer(.greedy(1, "without end")))
    try probe.wait { events in events.contains { if case .answerText = $0 { true } else { false } } }
    let clock = ContinuousClock()
    let start = clock.now
    probe.engine.interrupt()
    let record = try probe.finish(1)
    #expect((clock.now - start).seconds < 2)
    #expect(record.statistics?.stop == .interrupted)
    #expect(record.ids.count == record.statistics?.answerTokens)
    // The context is as good as new.
    let next = try probe.answer(.greedy(2, "something else", maximumTokens: 20))
    #expect(next.tokens == (try Self.probe().answer(.greedy(2, "something else", maximumTokens: 20)).tokens))
    let again = try probe.answer(.greedy(3, "without end", maximumTokens: record.ids.count))
    #expect(again.ids == record.ids)
  }

  /// An interrupt reaches what was sent before it, begun or not, and nothing after.
  @Test func interruptReachesWaitingCommands() throws {
    let probe = try Self.probe()
    for id in 1...3 { probe.engine.send(.answer(.greedy(id, "without end"))) }
    probe.engine.interrupt()
    probe.engine.send(.answer(.greedy(4, "later", maximumTokens: 10)))
    let record = try probe.finish(4)
    #expect(record.ids.count == 10 && record.statistics?.stop == .length)
    for id in 1...3 {
      let stopped = AnswerRecord(record.events, id: id)
      #expect(stopped.failure != nil || stopped.statistics?.stop == .interrupted)
      #expect(record.events.count { AnswerRecord.ends($0, id) } == 1)
    }
    probe.engine.interrupt()  // of nothing
    #expect(try probe.answer(.greedy(5, "later", maximumTokens: 10)).ids == record.ids)
  }

  @Test func interruptedLoadingKeepsTheOldModel() throws {
    let probe = try Self.probe()
    let before = try probe.answer(.greedy(1, "hello", maximumTokens: 10))
    try TinyModel.qwen2().withFile { path in
      probe.engine.send(.answer(.greedy(2, "without end")))
      probe.engine.send(.load(path: path, options: Self.options))
      probe.engine.interrupt()
      try probe.wait { events in
        events.contains { if case .failed(.load, _) = $0 { true } else { false } }
      }
    }
    #expect(try probe.answer(.greedy(3, "hello", maximumTokens: 10)).ids == before.ids)
  }

  /// A reader that sleeps through an answer finds all of its text, and of figures the newest only.
  @Test func slowReaderLosesNoText() throws {
    let probe = try Self.probe()
    let clock = ContinuousClock()
    let start = clock.now
    let expected = try probe.answer(.greedy(1, "a long story", maximumTokens: 1500))
    let duration = (clock.now - start).seconds
    let wakes = probe.wakeCount
    probe.engine.send(.answer(.greedy(2, "a long story", maximumTokens: 1500)))
    Thread.sleep(forTimeInterval: 1 + 4 * duration)
    let events = probe.engine.drain()
    let record = AnswerRecord(events, id: 2)
    #expect(record.tokens == expected.tokens && record.text == expected.text)
    #expect(Self.outline(events) == ["started 2", "text 2", "finished 2"])
    #expect(events.count { if case .progress = $0 { true } else { false } } <= 1)
    #expect(events.count { if case .rates = $0 { true } else { false } } == 1)
    #expect(events.count { if case .similarity = $0 { true } else { false } } == 1)
    #expect(probe.wakeCount == wakes + 1)
    for case .similarity(let report) in events {
      #expect(report.attention.count == 5 && report.attention[0].count == report.tokens.count)
      #expect(report.tokens.count == record.started!.promptTokens + 1500)
    }
    for case .rates(let rates) in events {
      #expect(rates.contextUsed == record.started!.promptTokens + 1500)
      #expect(rates.kvBytes == rates.contextUsed * 5 * 2 * (16 + 16) * 2)
    }
  }

  @Test func stopsWhenTheContextIsFull() throws {
    let probe = try Self.probe(options: LoadOptions(threads: 1, context: 64))
    let record = try probe.answer(.greedy(1, "hi"))
    #expect(record.statistics?.stop == .contextFull)
    #expect(record.started!.promptTokens + record.ids.count >= 64)
    let tooLong = try probe.answer(.greedy(2, String(repeating: "long ", count: 100)))
    #expect(tooLong.failure?.contains("context of 64") == true && tooLong.tokens.isEmpty)
    #expect(try probe.answer(.greedy(3, "hi")).ids == record.ids)
  }

  @Test func atTheEndOfATurn() throws {
    // Of a model that ends its turns, sooner or later some answer does.
    let probe = try Self.probe(.llama())
    var stops: Set<StopReason> = []
    for id in 0..<40 where !stops.contains(.endOfTurn) {
      var request = AnswerRequest.greedy(id, "\(id)", maximumTokens: 200)
      request.sampling.temperature = 1.5
      request.sampling.topK = 0
      request.sampling.seed = UInt64(id)
      let record = try probe.answer(request)
      stops.insert(record.statistics!.stop)
      #expect(!record.text.contains("<|im_end|>"))
    }
    #expect(stops.contains(.endOfTurn))
  }

  @Test func noTokensAskedFor() throws {
    let record = try Self.probe().answer(.greedy(1, "hush", maximumTokens: 0))
    #expect(
      record.tokens.isEmpty && record.statistics?.stop == .length && record.statistics?.answerTokens == 0)
  }

  @Test func failuresSayWhatIsWrongInOneLine() throws {
    let probe = EngineProbe()
    let without = try probe.answer(.greedy(7, "anyone there?"))
    #expect(without.failure?.contains("no model") == true && without.started == nil)
    probe.engine.send(.load(path: "/nowhere/model.gguf", options: LoadOptions()))
    var events = try probe.wait { !$0.isEmpty && Self.outline($0).contains("failed load") }
    for case .failed(_, let message) in events {
      #expect(message.contains("/nowhere/model.gguf") && !message.contains("\n"))
    }
    try TinyModel.llama().endless.withFile { path in
      probe.engine.send(.load(path: path, options: LoadOptions(threads: 1, context: 1 << 40)))
      probe.engine.send(.load(path: path, options: LoadOptions(threads: 1, template: "{% if %}")))
      probe.engine.send(.load(path: path, options: Self.options))
      events = try probe.wait { Self.outline($0).contains("loaded") }
    }
    let messages = events.compactMap { if case .failed(.load, let message) = $0 { message } else { nil } }
    #expect(messages.count == 3 && messages.allSatisfy { !$0.contains("\n") && !$0.isEmpty })
    #expect(messages[1].contains("lower --context"))
    var plan = Plan()
    plan.toggle(.attention, layer: 5)
    let refused = try probe.answer(.greedy(8, "hello", plan: plan, maximumTokens: 4))
    #expect(refused.failure?.contains("layer 5") == true)
    #expect(try probe.answer(.greedy(9, "hello", maximumTokens: 4)).ids.count == 4)
  }

  @Test func anEmptyPromptIsRefused() throws {
    let probe = try Self.probe(options: LoadOptions(threads: 1, context: 64, template: "{# nothing #}"))
    let record = try probe.answer(.greedy(1, "hello"))
    #expect(record.failure?.contains("empty") == true)
    #expect(record.started.map { $0.reusedTokens >= 0 } ?? true)
  }

  /// Letting go of an engine ends its thread, whatever it is doing.
  @Test func endsWhenReleased() throws {
    final class Witness: Sendable {
      let gone = DispatchSemaphore(value: 0)
      final class Held: Sendable {
        let gone: DispatchSemaphore
        init(_ gone: DispatchSemaphore) { self.gone = gone }
        deinit { gone.signal() }
      }
    }
    let witness = Witness()
    try TinyModel.llama().endless.withFile { path in
      let held = Witness.Held(witness.gone)
      let engine = Engine { _ = held }
      engine.send(.load(path: path, options: Self.options))
      engine.send(.answer(.greedy(1, "without end")))
      Thread.sleep(forTimeInterval: 0.2)
    }
    #expect(witness.gone.wait(timeout: .now() + 10) == .success)
  }
}

@Suite(.enabled(if: ModelFiles.areThere)) struct DefaultModelEngineTests {
  @Test func answersAQuestion() throws {
    let probe = try EngineProbe(loading: DefaultModel.path, options: LoadOptions(context: 512))
    let question = "What is the capital of France?"
    let record = try probe.answer(.greedy(1, question, maximumTokens: 24))
    #expect(record.text.contains("Paris"))
    #expect(record.started.map { $0.promptTokens > 20 } == true)
    var plan = Plan()
    plan.drop.attention = [5, 7]
    let planned = try probe.answer(.greedy(2, question, plan: plan, maximumTokens: 24))
    #expect(!planned.text.isEmpty)
    let again = try probe.answer(.greedy(3, question, maximumTokens: 24))
    #expect(again.tokens == record.tokens)
  }
}
