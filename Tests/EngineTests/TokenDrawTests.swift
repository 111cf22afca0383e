import Analysis
import Engine
import Foundation
import Inference
import Quantization
import TestModels
import Testing
import Tokenization

/// How tokens were drawn, in the events of the engine; forced tokens; and other plans beside.
@Suite(.serialized) struct TokenDrawTests {
  private let messages = [ChatMessage(role: .user, content: "a b")]

  /// - Parameter isEndless: Whether the model has no token that ends a turn.
  private func probe(isEndless: Bool = true) throws -> (EngineProbe, Model) {
    let file = FileManager.default.temporaryDirectory.appending(path: "pare-draw-\(UUID().uuidString).gguf")
      .path
    let tiny = TinyModel.llama()
    try (isEndless ? tiny.endless : tiny).write(to: file)
    defer { try? FileManager.default.removeItem(atPath: file) }
    return (
      try EngineProbe(loading: file, options: LoadOptions(threads: 1, context: 256)), try Model(path: file)
    )
  }

  private func request(_ id: Int, _ change: (inout AnswerRequest) -> Void = { _ in }) -> AnswerRequest {
    var sampling = SamplingOptions()
    (sampling.seed, sampling.temperature, sampling.topK) = (7, 0.7, 12)
    var request = AnswerRequest(
      id: id, messages: messages, plan: .baseline, sampling: sampling, maximumTokens: 12)
    change(&request)
    return request
  }

  /// The softmax of the logits, in f64.
  private func logProbabilities(_ tokens: [Token], _ model: Model, plan: Plan = .baseline) throws
    -> [[Double]]
  {
    let context = try InferenceContext(model, plan: plan, threads: 1, context: 256)
    var rows: [[Double]] = []
    try context.readAll(tokens) { _, logits in rows.append(logSoftmax(Array(logits))) }
    return rows
  }

  @Test func probabilitiesAreThoseOfTheModel() throws {
    let (probe, model) = try probe()
    let answer = try probe.answer(request(1))
    #expect(answer.ids.count == 12)
    let prompt = try model.chatFormat.tokens(messages)
    let rows = try logProbabilities(prompt + answer.ids.map { Token($0) }, model)
    for (index, token) in answer.tokens.enumerated() where token.id >= 0 {
      let row = rows[prompt.count - 1 + index], draw = try #require(token.draw?.draw)
      #expect(abs(exp(Double(draw.logProbability)) - exp(row[token.id])) < 1e-6)
      #expect(draw.rank == row.count { $0 > row[token.id] } + 1)
      for candidate in draw.candidates {
        #expect(abs(exp(Double(candidate.logProbability)) - exp(row[Int(candidate.token)])) < 1e-6)
      }
      #expect(draw.candidates.count == 10 && draw.steps.first?.kind == .topK && !draw.isForced)
    }
  }

  /// Forced tokens come first, each with the model's own figures, and decoding goes on from there.
  @Test func forcedTokensComeNext() throws {
    let (probe, model) = try probe()
    let first = try probe.answer(request(1))
    let forced = model.tokenizer.encode(continuing: Array("xyz".utf8)).map { Int($0) }
    let branch = try probe.answer(
      request(2) {
        $0.beginning = AnswerBeginning(tokenIDs: Array(first.ids.prefix(4)))
        $0.forced = forced + [1 << 20]
      })
    #expect(Array(branch.ids.prefix(3)) == forced && branch.ids.count == 12)
    #expect(branch.text.hasPrefix("xyz"))
    let draws = branch.tokens.prefix(4).map { $0.draw?.draw }
    #expect(draws.map { $0?.isForced } == [true, true, true, false])
    let prompt = try model.chatFormat.tokens(messages)
    let tokens = prompt + (first.ids.prefix(4) + branch.ids).map { Token($0) }
    let rows = try logProbabilities(tokens, model)
    for (index, id) in branch.ids.enumerated() {
      let own = try #require(branch.tokens[index].draw?.figures)
      #expect(abs(exp(Double(own.logProbability)) - exp(rows[prompt.count + 3 + index][id])) < 1e-6)
    }
    // The end of the turn can be put there: nothing more comes.
    let (ending, _) = try self.probe(isEndless: false)
    let ended = try ending.answer(request(3) { $0.forced = [2] })
    #expect(ended.ids.isEmpty && ended.statistics?.stop == .endOfTurn)
  }

  @Test func anotherPlanReadsTheAnswer() throws {
    let (probe, model) = try probe()
    let answer = try probe.answer(request(1))
    var plan = Plan()
    plan.drop.attention = [1, 3]
    let candidates = answer.tokens.map { ($0.draw?.draw?.candidates ?? []).map(\.token) }
    for plan in [Plan.baseline, plan] {
      probe.engine.send(
        .analyse(
          TokensUnderPlan(
            id: 9, messages: messages, choices: PromptChoices(),
            answer: AnswerBeginning(tokenIDs: answer.ids),
            plan: plan, candidates: candidates)))
      let events = try probe.wait { $0.contains { if case .analysis(.ended) = $0 { true } else { false } } }
      probe.events = []
      let report = try #require(
        events.compactMap { event -> TokensUnderPlan.Report? in
          if case .analysis(.report(let report)) = event { report as? TokensUnderPlan.Report } else { nil }
        }.last)
      #expect(report.id == 9 && report.plan == plan && report.places.count == 12)
      let prompt = try model.chatFormat.tokens(messages)
      let rows = try logProbabilities(prompt + answer.ids.map { Token($0) }, model, plan: plan)
      for (index, place) in report.places.enumerated() {
        let row = rows[prompt.count - 1 + index]
        for (token, value) in zip(candidates[index], place.candidates) {
          #expect(abs(exp(Double(value)) - exp(row[Int(token)])) < 1e-6)
        }
        #expect(place.draw.rank == row.count { $0 > row[answer.ids[index]] } + 1)
        let own = try #require(answer.tokens[index].draw?.draw)
        if plan == .baseline { #expect(place.draw.candidates.map(\.token) == own.candidates.map(\.token)) }
      }
    }
    // The chat's own context is as it was.
    let again = try probe.answer(request(2))
    #expect(again.ids == answer.ids)
  }
}
