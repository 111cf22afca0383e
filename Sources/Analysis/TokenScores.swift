import Inference
import Tokenization

/// Log-probabilities of a text under a model and plan, each token given those before it.
public struct TokenScores: Sendable, Hashable {
  public var ids: [Token]
  /// `logProbability[i]` is that of `ids[i + 1]`, in nats.
  public var logProbability: [Float]
  /// The likeliest tokens after position i, likeliest first, and their log-probabilities.
  public var top: [[Token]]
  public var topLogProbability: [[Float]]

  /// Scores `ids` as one sequence.
  ///
  /// - Parameter top: How many of the likeliest tokens to keep at each position.
  public init(
    of ids: [Token], in context: InferenceContext, top count: Int = 0,
    progress: InferenceContext.Progress = { _ in true }
  ) throws {
    self.ids = ids
    var scores: [Float] = [], tops: [[Token]] = [], topScores: [[Float]] = []
    try context.readAll(ids, progress: progress) { index, logits in
      let distribution = LogDistribution(logits, kernels: context.kernels)
      if index + 1 < ids.count { scores.append(distribution[ids[index + 1]]) }
      guard count > 0 else { return }
      let likeliest = distribution.likeliest(count)
      tops.append(likeliest)
      topScores.append(likeliest.map { distribution[$0] })
    }
    logProbability = scores
    top = tops
    topLogProbability = topScores
  }
}
