import Inference
import Tokenization

/// Log-probabilities of a text under a model and plan, each token given those before it.
public struct TokenScores: Sendable, Hashable {
  /// The tokens that were scored.
  public var ids: [Token]
  /// `logProbability[i]` is that of `ids[i + 1]`, in nats.
  public var logProbability: [Float]
  /// `top[i]` are the likeliest tokens after position i, likeliest first; `topLogProbability[i]` their
  /// log-probabilities.
  public var top: [[Token]]
  public var topLogProbability: [[Float]]

  /// Scores `ids` as one sequence.
  ///
  /// - Parameters:
  ///   - top: The number of likeliest tokens to keep at each position.
  ///   - decodes: Whether to read the tokens one by one, as answers are decoded, rather than in batches.
  ///   - each: Called with the logits after each token in order: [vocabulary].
  public init(
    of ids: [Token], in context: InferenceContext, top count: Int = 0, decodes: Bool = false,
    progress: ProgressCheck = { _ in true },
    each: (UnsafeBufferPointer<Float>) throws -> Void = { _ in }
  ) throws {
    self.ids = ids
    var scores: [Float] = [], tops: [[Token]] = [], topScores: [[Float]] = []
    func score(_ index: Int, _ logits: UnsafeBufferPointer<Float>) throws {
      try each(logits)
      let distribution = LogDistribution(logits, kernels: context.kernels)
      if index + 1 < ids.count { scores.append(distribution[ids[index + 1]]) }
      guard count > 0 else { return }
      let likeliest = distribution.likeliest(count)
      tops.append(likeliest)
      topScores.append(likeliest.map { distribution[$0] })
    }
    if decodes {
      context.forget()
      for (index, id) in ids.enumerated() {
        try score(index, context.append(id))
        guard progress(Double(index + 1) / Double(ids.count)) else { throw CancellationError() }
      }
    } else {
      try context.readAll(ids, progress: progress, each: score)
    }
    logProbability = scores
    top = tops
    topLogProbability = topScores
  }
}
