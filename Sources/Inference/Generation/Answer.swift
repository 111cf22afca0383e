/// A token of an answer.
public struct AnswerToken: Sendable, Hashable {
  /// The token's id; −1 for the rest of an unfinished character.
  public var id: Int
  /// Complete characters that this token finished; may be empty when it ends inside one.
  public var text: String
  /// Log-probability in nats under the plan, before sampling changed the distribution.
  public var logProbability: Float
  public init(id: Int, text: String, logProbability: Float) {
    self.id = id
    self.text = text
    self.logProbability = logProbability
  }
}

/// The reason why an answer ended.
public enum StopReason: String, Sendable, Hashable, Codable {
  case endOfTurn = "end_of_turn"
  case length
  case contextFull = "context_full"
  case interrupted
  /// It repeated itself: see ``SamplingOptions/loopGuard``.
  case loop
}

/// The figures of an answer. Rates are 0 until they are measured.
public struct AnswerStatistics: Sendable, Hashable, Codable {
  public var promptTokens: Int
  /// Prompt tokens that were already in the KV cache and not computed again.
  public var reusedTokens: Int
  public var answerTokens: Int
  public var prefillTokensPerSecond: Double
  public var decodeTokensPerSecond: Double
  /// Seconds from the request to the first token.
  public var firstTokenSeconds: Double
  public var stop: StopReason
  /// The repetition that the answer ends with, whether it was stopped for it or not; nil where it ended by
  /// itself or says something new.
  public var loop: Repetition?
  public init(
    promptTokens: Int, reusedTokens: Int, answerTokens: Int, prefillTokensPerSecond: Double,
    decodeTokensPerSecond: Double, firstTokenSeconds: Double, stop: StopReason, loop: Repetition? = nil
  ) {
    self.promptTokens = promptTokens
    self.reusedTokens = reusedTokens
    self.answerTokens = answerTokens
    self.prefillTokensPerSecond = prefillTokensPerSecond
    self.decodeTokensPerSecond = decodeTokensPerSecond
    self.firstTokenSeconds = firstTokenSeconds
    self.stop = stop
    self.loop = loop
  }
}

extension AnswerStatistics {
  /// The figures of an answer that went on, of both parts together.
  ///
  /// - Parameter earlier: Those of the part before; its prompt and first token are the answer's.
  public func added(to earlier: AnswerStatistics) -> AnswerStatistics {
    var sum = earlier
    sum.answerTokens += answerTokens
    let seconds = earlier.decodeSeconds + decodeSeconds
    if seconds > 0 { sum.decodeTokensPerSecond = Double(sum.answerTokens) / seconds }
    (sum.stop, sum.loop) = (stop, loop)
    return sum
  }

  private var decodeSeconds: Double {
    decodeTokensPerSecond > 0 ? Double(answerTokens) / decodeTokensPerSecond : 0
  }
}
