import Analysis
import Inference
import Sessions
import Tokenization

/// Has the plan of each of two answers read both texts, and compares what they predict.
///
/// A session keeps the tokens and the plan of every answer, so the model reads them again, in contexts of its own
/// beside the chat's, with whose weights it shares what the plans have in common.
struct AnswerComparison: AnalysisJob {
  let pair: ComparedPair
  let conversation: Conversation

  func run(in context: InferenceContext, _ pace: Pace) throws {
    let texts = try ComparedTexts(pair, conversation, context.model)
    let contexts = try texts.contexts(beside: context, pace)
    var report = PairReport(pair: pair, first: texts.first.scored, second: texts.second.scored)
    pace.report(.report(report))
    // B's text first: it is the newer one, and the first to be looked at.
    for side in [PairReport.Side.second, .first] {
      var divergence = report[side].divergence
      while !divergence.isWhole {
        divergence = try pace.piece { stop in
          var divergence = divergence
          try divergence.advance(under: contexts.second, against: contexts.first) { _ in !stop() }
          return divergence
        }
        report[side].update(divergence, context.model.tokenizer)
        pace.report(.report(report))
        pace.report(.progress(WorkProgress(what: "comparing", fraction: report.fraction)))
      }
    }
  }
}

/// Measures how fast the plans of two answers decode, in turns.
struct SpeedComparison: AnalysisJob {
  let pair: ComparedPair
  let conversation: Conversation

  func run(in context: InferenceContext, _ pace: Pace) throws {
    let texts = try ComparedTexts(pair, conversation, context.model)
    let contexts = try texts.contexts(beside: context, pace)
    var report = PairSpeeds(pair: pair, turns: SpeedTurns())
    // The first turn warms caches up, and is not counted.
    for number in -1..<SpeedTurns.usual {
      let turns = try pace.piece { stop in
        var turns = report.turns
        try turns.measure(
          texts.first.divergence.answer, after: texts.first.divergence.prompt, in: contexts.first,
          contexts.second
        ) { _ in !stop() }
        return turns
      }
      if number >= 0 { report.turns = turns }
      pace.report(
        .progress(
          WorkProgress(what: "timing in turns", fraction: Double(number + 2) / Double(SpeedTurns.usual + 1))))
    }
    pace.report(.report(report))
  }
}

/// Two answers as tokens, and their plans.
struct ComparedTexts {
  struct Text {
    var scored: ScoredText
    var plan: Plan
    var divergence: AnswerDivergence { scored.divergence }
  }
  var first, second: Text

  /// A pair that cannot be compared, in a few words.
  private struct Refusal: Error, CustomStringConvertible { let description: String }

  init(_ pair: ComparedPair, _ conversation: Conversation, _ model: Model) throws {
    func text(_ id: Int, _ name: String) throws -> Text {
      guard let node = conversation[id], let answer = node.answer else {
        throw Refusal(description: "\(name) is no answer")
      }
      guard answer.isOf(model) else {
        throw Refusal(description: "\(name) is of \(answer.model.name), and \(model.name) is loaded")
      }
      guard answer.planChanges.isEmpty else {
        throw Refusal(description: "the plan of \(name) changed on the way")
      }
      let tokens = AnswerTokens(node, answer, in: conversation, model)
      guard tokens.problem == nil, let pieces = tokens.pieces else {
        throw Refusal(description: "\(name) cannot be read again: \(tokens.problem ?? "its text is another")")
      }
      return Text(
        scored: ScoredText(
          pieces: pieces, parts: tokens.parts, AnswerDivergence(of: tokens.ids, after: tokens.prompt)),
        plan: answer.plan)
    }
    first = try text(pair.first, "A")
    second = try text(pair.second, "B")
  }

  /// A context under each plan; one where both are the same.
  ///
  /// - Parameter room: Positions behind the longer text.
  func contexts(
    beside context: InferenceContext, room: Int = 16, _ pace: Pace
  ) throws -> (first: InferenceContext, second: InferenceContext) {
    let positions =
      [first, second].map { $0.divergence.prompt.count + $0.divergence.answer.count }.max() ?? 0
    func make(_ plan: Plan, beside other: InferenceContext) throws -> InferenceContext {
      try pace.piece { stop in
        try InferenceContext(beside: other, plan: plan, context: positions + room) { _ in !stop() }
      }
    }
    let one = try make(first.plan, beside: context)
    return (one, first.plan == second.plan ? one : try make(second.plan, beside: one))
  }
}
