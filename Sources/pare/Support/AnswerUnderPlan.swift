import Analysis
import Foundation
import Inference
import Interface
import Tokenization

/// An answer under a plan, and how far it is from that of another, to print.
struct AnswerUnderPlan: Encodable {
  let answer: AnswerOutput
  let plan: Plan
  let bytesPerToken: Int
  /// The comparison with the first run; nil for that run itself.
  private(set) var comparison: Comparison?

  /// Divergence from the first run.
  struct Comparison {
    /// The first token that differs, counted from 0; nil where none does.
    let split: Int?
    /// What both plans say of the text of the first run, and of this one's.
    let first, own: ScoredText
    /// Speeds in turns; nil where none were measured.
    let turns: SpeedTurns?
    /// In plain words.
    let verdict: [String]

    var divergence: AnswerDivergence { own.divergence }
    /// Over both texts; nil of empty answers.
    var means: Verdict.Means? { Verdict.Means(first.divergence, own.divergence) }
  }

  init(_ answer: AnswerOutput, _ context: InferenceContext) {
    self.answer = answer
    plan = context.plan
    bytesPerToken = context.figures().weightBytesPerToken
  }

  var ids: [Token] { answer.token_ids.map(Token.init) }

  /// - Parameters:
  ///   - texts: The first run's text and this one's, compared.
  ///   - name: What this run is called in sentences, beside A.
  mutating func compare(
    with first: AnswerUnderPlan, as name: String, _ texts: (first: ScoredText, own: ScoredText),
    turns: SpeedTurns?
  ) {
    let ids = answer.token_ids, others = first.answer.token_ids
    let split = ids == others ? nil : zip(ids, others).prefix { $0 == $1 }.count
    var verdict: [String] = []
    if let means = Verdict.Means(texts.first.divergence, texts.own.divergence) {
      verdict.append(means.nearness.words(name))
      verdict.append("KL \(Figures.fixed(means.kl, 4)) nats a token over both texts")
      verdict.append("same top \(Figures.fixed(100 * means.sameTop, 0)) %")
    }
    verdict.append(split.map { "the answers part at token \($0)" } ?? "the answers are the same")
    for (letter, run) in [("A", first), (name, self)] {
      if let loop = run.answer.loop { verdict.append(Verdict.loop(letter, from: loop.from)) }
    }
    if let lengths = Verdict.lengths(others.count, ids.count, name) { verdict.append(lengths) }
    verdict.append(
      turns.flatMap { Verdict.speed($0, name) }
        ?? "speeds of one run each say nothing: \(Figures.fixed(first.answer.decode_tok_per_s, 0)) and "
        + "\(Figures.fixed(answer.decode_tok_per_s, 0)) tok/s")
    comparison = Comparison(
      split: split, first: texts.first, own: texts.own, turns: turns, verdict: verdict)
  }

  private enum Key: String, CodingKey { case plan, bytesPerToken = "bytes_per_token" }

  /// The keys of the answer, the plan's and the comparison's beside each other.
  func encode(to encoder: any Encoder) throws {
    try answer.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(plan, forKey: .plan)
    try container.encode(bytesPerToken, forKey: .bytesPerToken)
    try comparison?.encode(to: encoder)
  }

  /// For people: `40 tokens · 212.0 tok/s · 78.2 MB/token · splits at token 7 · KL 0.3312 nats a token · …`.
  var figures: String {
    var parts = [
      "\(answer.token_ids.count) tokens", String(format: "%.1f tok/s", answer.decode_tok_per_s),
      String(format: "%.1f MB/token", Double(bytesPerToken) / 1e6),
    ]
    if let thought = answer.thought { parts.append("\(thought.tokens) of thought") }
    if let loop = answer.loop { parts.append("repeats itself since token \(loop.from)") }
    guard let comparison else { return parts.joined(separator: " · ") }
    parts.append(comparison.split.map { "splits at token \($0)" } ?? "the same answer")
    if let kl = comparison.divergence.meanKL {
      let other = comparison.first.divergence.meanKL.map { " (on A's text \(Figures.fixed($0, 4)))" } ?? ""
      parts.append("KL \(Figures.fixed(kl, 4)) nats a token\(other)")
    }
    if let same = comparison.divergence.sameTop {
      parts.append("same top \(Figures.fixed(100 * same, 0)) %")
    }
    return parts.joined(separator: " · ")
  }
}

extension AnswerUnderPlan.Comparison: Encodable {
  private enum Key: String, CodingKey {
    case split, kl, js, sameTop = "same_top", klMean = "kl_mean", jsMean = "js_mean", rank, top
    case topProbability = "top_probability", worst, onFirst = "on_first", turns, verdict
  }

  private enum TurnsKey: String, CodingKey { case first, other, ratio }

  /// Values that are nil become null; they are not left out.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(split, forKey: .split)
    try Self.encode(own.divergence, rankUnderFirst: true, to: &container)
    var others = container.nestedContainer(keyedBy: Key.self, forKey: .onFirst)
    try Self.encode(first.divergence, rankUnderFirst: false, to: &others)
    try container.encode(verdict.joined(separator: "; "), forKey: .verdict)
    guard let turns else { return }
    var speeds = container.nestedContainer(keyedBy: TurnsKey.self, forKey: .turns)
    try speeds.encode(turns.first, forKey: .first)
    try speeds.encode(turns.second, forKey: .other)
    try speeds.encode(turns.ratio, forKey: .ratio)
  }

  /// The figures of a text. `rank` is that of each token under the plan that did not write it, `top` and
  /// `top_probability` hold the likeliest token under the first plan and under the other.
  private static func encode(
    _ divergence: AnswerDivergence, rankUnderFirst: Bool, to container: inout KeyedEncodingContainer<Key>
  ) throws {
    let tokens = divergence.tokens
    try container.encode(tokens.map(\.kl), forKey: .kl)
    try container.encode(tokens.map(\.js), forKey: .js)
    try container.encode(divergence.sameTop, forKey: .sameTop)
    try container.encode(divergence.meanKL, forKey: .klMean)
    try container.encode(divergence.meanJS, forKey: .jsMean)
    try container.encode(tokens.map { rankUnderFirst ? $0.first.rank : $0.second.rank }, forKey: .rank)
    try container.encode(
      tokens.map { [$0.first, $0.second].map { $0.rank == nil ? nil : Int($0.top) } }, forKey: .top)
    try container.encode(
      tokens.map { [$0.first, $0.second].map { exp(Double($0.topLogProbability)) } }, forKey: .topProbability)
    try container.encode(divergence.worst(10), forKey: .worst)
  }
}
