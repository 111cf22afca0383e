import Inference
import Tokenization

/// The divergence of a plan from a reference at each token of an answer that was given under the plan.
public struct AnswerDivergence: Sendable, Hashable {
  /// KL(reference ‖ plan) and the other divergences, at the position before each token.
  public let tokens: [Divergence]

  /// Mean KL in nats a token; nil of an empty answer.
  public var meanKL: Double? { mean(\.kl) }
  /// Share of positions where both have the same likeliest token; nil of an empty answer.
  public var sameTop: Double? { mean(\.sameTopShare) }

  /// - Parameters:
  ///   - context: Under the plan.
  ///   - reference: Of the same model, under another plan.
  /// - Throws: ``ContextError`` when `prompt` and `answer` do not fit either; `CancellationError`.
  public init(
    of answer: [Token], after prompt: [Token], under context: InferenceContext,
    against reference: InferenceContext, progress: ProgressCheck = { _ in true }
  ) throws {
    var tokens: [Divergence] = []
    for index in answer.indices {
      let token = index == answer.startIndex ? nil : answer[index - 1]
      let before = try token.map(reference.append) ?? reference.read(prompt)
      let after = try token.map(context.append) ?? context.read(prompt)
      tokens.append(
        Divergence(
          baseline: LogDistribution(before, kernels: reference.kernels),
          plan: LogDistribution(after, kernels: context.kernels)))
      guard progress(Double(index + 1) / Double(answer.count)) else { throw CancellationError() }
    }
    self.tokens = tokens
  }

  private func mean(_ value: (Divergence) -> Double) -> Double? {
    tokens.isEmpty ? nil : tokens.reduce(0) { $0 + value($1) } / Double(tokens.count)
  }
}
