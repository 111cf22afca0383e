import Analysis
import Foundation
import Inference
import Interface

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
    let divergence: AnswerDivergence
  }

  init(_ answer: AnswerOutput, _ context: InferenceContext) {
    self.answer = answer
    plan = context.plan
    bytesPerToken = context.figures().weightBytesPerToken
  }

  mutating func compare(with first: AnswerUnderPlan, _ divergence: AnswerDivergence) {
    let ids = answer.token_ids, others = first.answer.token_ids
    comparison = Comparison(
      split: ids == others ? nil : zip(ids, others).prefix { $0 == $1 }.count, divergence: divergence)
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
    if let kl = comparison.divergence.meanKL { parts.append("KL \(Figures.fixed(kl, 4)) nats a token") }
    if let same = comparison.divergence.sameTop {
      parts.append("same top \(Figures.fixed(100 * same, 0)) %")
    }
    return parts.joined(separator: " · ")
  }
}

extension AnswerUnderPlan.Comparison: Encodable {
  private enum Key: String, CodingKey { case split, kl, js, sameTop = "same_top" }

  /// Values that are nil become null; they are not left out.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(split, forKey: .split)
    try container.encode(divergence.tokens.map(\.kl), forKey: .kl)
    try container.encode(divergence.tokens.map(\.js), forKey: .js)
    try container.encode(divergence.sameTop, forKey: .sameTop)
  }
}
