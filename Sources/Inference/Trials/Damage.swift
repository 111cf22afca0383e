/// The damage of a plan to a model's predictions over a text, against the baseline.
public struct Damage: Sendable, Hashable, Codable {
  /// KL(baseline ‖ plan) in nats a token; NaN where predictions are no numbers.
  public var kl: Double
  /// Perplexity of the text under the plan.
  public var perplexity: Double
  /// Share of tokens after which both have the same likeliest next token.
  public var sameTop: Double

  public init(kl: Double, perplexity: Double, sameTop: Double) {
    self.kl = kl
    self.perplexity = perplexity
    self.sameTop = sameTop
  }

  /// The KL, to compare by: what is no number is worse than anything.
  public var cost: Double { kl.isNaN ? .infinity : kl }
}
