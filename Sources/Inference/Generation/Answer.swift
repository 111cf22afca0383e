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
  public init(
    promptTokens: Int, reusedTokens: Int, answerTokens: Int, prefillTokensPerSecond: Double,
    decodeTokensPerSecond: Double, firstTokenSeconds: Double, stop: StopReason
  ) {
    self.promptTokens = promptTokens
    self.reusedTokens = reusedTokens
    self.answerTokens = answerTokens
    self.prefillTokensPerSecond = prefillTokensPerSecond
    self.decodeTokensPerSecond = decodeTokensPerSecond
    self.firstTokenSeconds = firstTokenSeconds
    self.stop = stop
  }
}
