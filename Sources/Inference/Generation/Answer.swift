/// A token of an answer.
public struct AnswerToken: Sendable, Hashable {
  /// The token's id; −1 for the rest of an unfinished character.
  public var id: Int
  /// Complete characters that this token finished; may be empty when it ends inside one.
  public var text: String
  /// Log-probability in nats under the plan, before sampling changed the distribution.
  public var logProbability: Float
  /// The part that the text belongs to. A marker around a thought has no text, and belongs to the thought.
  public var part: AnswerPart
  /// How it was drawn; nil where that is not known, as of the rest of a character.
  public var draw: PackedDraw?
  public init(
    id: Int, text: String, logProbability: Float, part: AnswerPart = .content, draw: PackedDraw? = nil
  ) {
    self.id = id
    self.text = text
    self.logProbability = logProbability
    self.part = part
    self.draw = draw
  }
}

extension Sequence<AnswerToken> {
  /// The text of a part.
  public func text(of part: AnswerPart) -> String { filter { $0.part == part }.map(\.text).joined() }
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
  /// The figures of the thought, which the others include; nil where there is none.
  public var thought: ThoughtStatistics?
  public init(
    promptTokens: Int, reusedTokens: Int, answerTokens: Int, prefillTokensPerSecond: Double,
    decodeTokensPerSecond: Double, firstTokenSeconds: Double, stop: StopReason, loop: Repetition? = nil,
    thought: ThoughtStatistics? = nil
  ) {
    self.promptTokens = promptTokens
    self.reusedTokens = reusedTokens
    self.answerTokens = answerTokens
    self.prefillTokensPerSecond = prefillTokensPerSecond
    self.decodeTokensPerSecond = decodeTokensPerSecond
    self.firstTokenSeconds = firstTokenSeconds
    self.stop = stop
    self.loop = loop
    self.thought = thought
  }
}

/// The figures of a thought.
public struct ThoughtStatistics: Sendable, Hashable, Codable {
  /// Its tokens, markers included.
  public var tokens: Int
  /// From its first token to its last.
  public var seconds: Double
  /// Seconds from the request to the first token of the content; nil before there is one.
  public var firstContentSeconds: Double?
  public init(tokens: Int, seconds: Double, firstContentSeconds: Double? = nil) {
    self.tokens = tokens
    self.seconds = seconds
    self.firstContentSeconds = firstContentSeconds
  }

  /// 0 where it was too short to be measured.
  public var tokensPerSecond: Double { seconds > 0 ? Double(tokens) / seconds : 0 }
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
    if let thought {
      let before = earlier.thought
      sum.thought = ThoughtStatistics(
        tokens: (before?.tokens ?? 0) + thought.tokens, seconds: (before?.seconds ?? 0) + thought.seconds,
        firstContentSeconds: before?.firstContentSeconds
          ?? thought.firstContentSeconds.map { $0 + earlier.firstTokenSeconds + earlier.decodeSeconds })
    }
    return sum
  }

  private var decodeSeconds: Double {
    decodeTokensPerSecond > 0 ? Double(answerTokens) / decodeTokensPerSecond : 0
  }

  /// Tokens of the content.
  public var contentTokens: Int { answerTokens - (thought?.tokens ?? 0) }

  /// The speed of the content alone; 0 until it is measured.
  public var contentTokensPerSecond: Double {
    guard let thought else { return decodeTokensPerSecond }
    let seconds = decodeSeconds - thought.seconds
    return seconds > 0 ? Double(contentTokens) / seconds : 0
  }
}
