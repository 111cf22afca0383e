import Engine
import Inference
import TestModels
import Testing

/// Prompts that are too long, and answers that go on, on the engine thread.
@Suite(.serialized) struct ContinuingTests {
  private func probe(context: Int) throws -> EngineProbe {
    try TinyModel.llama().endless.withFile {
      try EngineProbe(loading: $0, options: LoadOptions(threads: 1, context: context))
    }
  }

  private func chat(_ turns: Int, words: Int) -> [ChatMessage] {
    let text = String(repeating: "a b ", count: words)
    return [ChatMessage(role: .system, content: "s")]
      + (0..<turns).flatMap { turn in
        [ChatMessage(role: .user, content: text), ChatMessage(role: .assistant, content: "x\(turn)")]
      } + [ChatMessage(role: .user, content: "last")]
  }

  private func request(_ messages: [ChatMessage], asks: Bool = true, most: Int? = 4) -> AnswerRequest {
    var request = AnswerRequest.greedy(1, "", maximumTokens: most)
    (request.messages, request.asksForShorter) = (messages, asks)
    return request
  }

  private func fit(_ messages: [ChatMessage], in probe: EngineProbe) throws -> PromptFit? {
    probe.engine.send(.answer(request(messages)))
    let events = try probe.wait { events in
      events.contains { event in
        if case .promptTooLong(1, _) = event { return true }
        return AnswerRecord.ends(event, 1)
      }
    }
    probe.events = []
    return events.compactMap { if case .promptTooLong(1, let fit) = $0 { fit } else { nil } }.first
  }

  /// The engine says how many turns are too many, and what it says fits.
  @Test func theOldestTurnsAreCounted() throws {
    let probe = try probe(context: 256)
    let messages = chat(6, words: 12)
    let fit = try #require(try fit(messages, in: probe))
    let dropped = try #require(fit.dropped)
    #expect((1...6).contains(dropped) && fit.capacity == 256)
    let (tokens, rest) = (try #require(fit.tokens), try #require(fit.rest))
    #expect(tokens > 192 && rest <= 128)
    func without(_ turns: Int) -> [ChatMessage] { [messages[0]] + messages.dropFirst(1 + 2 * turns) }
    let answer = try probe.answer(request(without(dropped)))
    #expect(answer.started?.promptTokens == fit.rest && answer.tokens.count == 4)
    // One turn less would not have been enough.
    #expect(try probe.answer(request(without(dropped - 1), asks: false)).started!.promptTokens > 128)
    // The rest is kept for the next question.
    let next = try probe.answer(
      request(
        without(dropped) + [
          ChatMessage(role: .assistant, content: "y"), ChatMessage(role: .user, content: "z"),
        ]))
    #expect(try #require(next.started).reusedTokens > 10)
  }

  @Test func aTurnThatAloneIsTooLongSaysByHowMuch() throws {
    let probe = try probe(context: 64)
    let long = ChatMessage(role: .user, content: String(repeating: "a b ", count: 24))
    for messages in [[long], chat(2, words: 3).dropLast() + [long]] {
      let fit = try #require(try fit(messages, in: probe))
      let rest = try #require(fit.rest)
      #expect(fit.dropped == nil && rest >= 64)
    }
    // Far too long to be counted.
    let huge = ChatMessage(role: .user, content: String(repeating: "a", count: 1 << 22))
    #expect(try fit([huge], in: probe) == PromptFit(tokens: nil, capacity: 64, dropped: nil, rest: nil))
    // Whoever does not ask gets an error as before.
    #expect(try probe.answer(request([long], asks: false)).failure?.contains("do not fit") == true)
  }

  /// The state is a function of the tokens: stopped and gone on with is the same as never stopped.
  @Test(arguments: [1, 7, 39]) func goingOnIsTheSameAsNotStopping(at place: Int) throws {
    let probe = try probe(context: 256)
    let whole = try probe.answer(.greedy(1, "a", maximumTokens: 40))
    let first = try probe.answer(.greedy(1, "a", maximumTokens: place))
    _ = try probe.answer(.greedy(1, "something else", maximumTokens: 3))
    var rest = AnswerRequest.greedy(1, "a", maximumTokens: 40 - place)
    rest.beginning = AnswerBeginning(tokenIDs: first.ids)
    let second = try probe.answer(rest)
    #expect(first.ids + second.ids == whole.ids)
    #expect(first.ids == Array(whole.ids.prefix(place)))
  }

  @Test func aBeginningOfOtherTokensIsRefused() throws {
    let probe = try probe(context: 256)
    var request = AnswerRequest.greedy(1, "a", maximumTokens: 3)
    for id in [-5, 1 << 40, 100_000_000] {
      request.beginning = AnswerBeginning(tokenIDs: [id])
      #expect(try probe.answer(request).failure?.contains("does not have") == true)
    }
    request.beginning = AnswerBeginning(text: "<s> as I said</s>")
    #expect(try probe.answer(request).tokens.count == 3)
  }
}
