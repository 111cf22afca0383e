import Analysis
import Foundation
import Inference

/// An answer under a plan, and how far it is from that of another, to print.
struct AnswerUnderPlan: Encodable {
  let answer: AnswerOutput
  let plan: Plan
  let bytesPerToken: Int
  /// The first token that differs, counted from 0; nil where none does.
  private(set) var split: Int?
  /// Of each token; nil of the first run.
  private(set) var kl: [Double]?
  private(set) var js: [Double]?
  private var meanKL: Double?
  private var speedRatio: Double?
  private(set) var sameTop: Double?

  init(_ answer: AnswerOutput, _ context: InferenceContext) {
    self.answer = answer
    plan = context.plan
    bytesPerToken = context.figures().weightBytesPerToken
  }

  mutating func compare(with first: AnswerUnderPlan, _ divergence: AnswerDivergence) {
    let ids = answer.token_ids, others = first.answer.token_ids
    let common = zip(ids, others).prefix { $0 == $1 }.count
    split = common == ids.count && common == others.count ? nil : common
    kl = divergence.tokens.map(\.kl)
    js = divergence.tokens.map(\.js)
    meanKL = divergence.meanKL
    sameTop = divergence.sameTop
    speedRatio = answer.decode_tok_per_s / first.answer.decode_tok_per_s
  }

  // The names that scripts rely on.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private enum Key: CodingKey { case plan, bytes_per_token, split, kl, js, same_top }

  /// The keys of the answer and the plan's beside each other.
  func encode(to encoder: any Encoder) throws {
    try answer.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(plan, forKey: .plan)
    try container.encode(bytesPerToken, forKey: .bytes_per_token)
    guard let kl, let js else { return }
    try container.encode(split, forKey: .split)
    try container.encode(kl, forKey: .kl)
    try container.encode(js, forKey: .js)
    try container.encode(sameTop, forKey: .same_top)
  }

  /// For people: `40 tokens · 212.0 tok/s · 78.2 MB/token · splits at token 7 · KL 0.3312 nats a token · …`.
  var figures: String {
    var parts = [
      "\(answer.token_ids.count) tokens", String(format: "%.1f tok/s", answer.decode_tok_per_s),
      String(format: "%.1f MB/token", Double(bytesPerToken) / 1e6),
    ]
    if kl != nil { parts.append(split.map { "splits at token \($0)" } ?? "the same answer") }
    if let meanKL { parts.append(String(format: "KL %.4f nats a token", meanKL)) }
    if let sameTop { parts.append(String(format: "same top %.0f %%", 100 * sameTop)) }
    if let speedRatio, speedRatio.isFinite { parts.append(String(format: "%.2f× as fast", speedRatio)) }
    return parts.joined(separator: " · ")
  }
}
