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

/// The figures of an answer. Rates are 0 until they are measured. Speeds of decoding are of tokens that were read one
/// by one: what guesses that came true save is told by ``AnswerStatistics/draft`` alone.
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
  /// What guesses did for it; nil where none were made.
  public var draft: DraftStatistics?
  public init(
    promptTokens: Int, reusedTokens: Int, answerTokens: Int, prefillTokensPerSecond: Double,
    decodeTokensPerSecond: Double, firstTokenSeconds: Double, stop: StopReason, loop: Repetition? = nil,
    thought: ThoughtStatistics? = nil, draft: DraftStatistics? = nil
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
    self.draft = draft
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
  /// What guesses did for it; nil where none were made.
  public var draft: DraftStatistics?
  public init(
    tokens: Int, seconds: Double, firstContentSeconds: Double? = nil, draft: DraftStatistics? = nil
  ) {
    self.tokens = tokens
    self.seconds = seconds
    self.firstContentSeconds = firstContentSeconds
    self.draft = draft
  }

  /// Tokens that were read one by one, and their time.
  fileprivate var decodedTokens: Int { tokens - (draft?.tokens ?? 0) }
  fileprivate var decodeSeconds: Double { seconds - (draft?.seconds ?? 0) }

  /// The speed of decoding; 0 where it was too short to be measured.
  public var tokensPerSecond: Double {
    decodeSeconds > 0 ? Double(max(0, decodedTokens)) / decodeSeconds : 0
  }
}

/// The guesses of an answer: see ``Draft``.
public struct DraftStatistics: Sendable, Hashable, Codable {
  /// Tokens of the answer that were guessed, and read ahead of being drawn.
  public var accepted: Int
  /// Tokens that were guessed and read.
  public var proposed: Int
  /// Batches in which they were. Each gives a token besides: the one that the guesses followed.
  public var batches: Int
  /// The time of all these tokens: of drawing them, and of the batches.
  public var seconds: Double
  public init(accepted: Int = 0, proposed: Int = 0, batches: Int = 0, seconds: Double = 0) {
    self.accepted = accepted
    self.proposed = proposed
    self.batches = batches
    self.seconds = seconds
  }

  /// Tokens of the answer that came by batches.
  var tokens: Int { accepted + batches }

  /// The sum of two parts of an answer.
  static func + (a: DraftStatistics, b: DraftStatistics) -> DraftStatistics {
    DraftStatistics(
      accepted: a.accepted + b.accepted, proposed: a.proposed + b.proposed, batches: a.batches + b.batches,
      seconds: a.seconds + b.seconds)
  }
}

extension DraftStatistics? {
  fileprivate func added(to earlier: Self) -> Self { map { (earlier ?? DraftStatistics()) + $0 } ?? earlier }
}

extension AnswerStatistics {
  /// Tokens that were read one by one.
  public var decodedTokens: Int { answerTokens - (draft?.tokens ?? 0) }

  /// Counts how the newest token was read, in a step of `seconds`.
  mutating func count(_ work: InferenceContext.Step.Work, _ seconds: Double) {
    if work == .decoded { return }
    var draft = draft ?? DraftStatistics()
    switch work {
    case .guessed: draft.accepted += 1
    case .batch(let count, _):
      draft.batches += 1
      draft.proposed += count - 1
    case .decoded: break
    }
    draft.seconds += seconds
    self.draft = draft
  }

  /// The figures of an answer that went on, of both parts together.
  ///
  /// - Parameter earlier: Those of the part before; its prompt and first token are the answer's.
  public func added(to earlier: AnswerStatistics) -> AnswerStatistics {
    var sum = earlier
    sum.answerTokens += answerTokens
    sum.draft = draft.added(to: earlier.draft)
    let seconds = earlier.decodeSeconds + decodeSeconds
    if seconds > 0 { sum.decodeTokensPerSecond = Double(sum.decodedTokens) / seconds }
    (sum.stop, sum.loop) = (stop, loop)
    if let thought {
      let before = earlier.thought
      sum.thought = ThoughtStatistics(
        tokens: (before?.tokens ?? 0) + thought.tokens, seconds: (before?.seconds ?? 0) + thought.seconds,
        firstContentSeconds: before?.firstContentSeconds
          ?? thought.firstContentSeconds.map { $0 + earlier.firstTokenSeconds + earlier.answerSeconds },
        draft: thought.draft.added(to: before?.draft))
    }
    return sum
  }

  /// Seconds of the tokens that were read one by one.
  private var decodeSeconds: Double {
    decodeTokensPerSecond > 0 ? Double(decodedTokens) / decodeTokensPerSecond : 0
  }

  /// Seconds of all tokens.
  public var answerSeconds: Double { decodeSeconds + (draft?.seconds ?? 0) }

  /// Tokens of the content.
  public var contentTokens: Int { answerTokens - (thought?.tokens ?? 0) }

  /// The speed of decoding the content alone; 0 until it is measured.
  public var contentTokensPerSecond: Double {
    guard let thought else { return decodeTokensPerSecond }
    let seconds = decodeSeconds - thought.decodeSeconds
    return seconds > 0 ? Double(max(0, decodedTokens - thought.decodedTokens)) / seconds : 0
  }
}
