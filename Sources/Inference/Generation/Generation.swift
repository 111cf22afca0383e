import Tokenization

/// A generator of an answer, token by token, whose texts never split a character.
struct Generation {
  private let tokenizer: Tokenizer
  private var sampler: Sampler
  private var decoder: StreamDecoder
  private let maximumTokens: Int?
  private var recent: [Token]
  private var count = 0

  init(
    tokenizer: Tokenizer, prompt: [Token], sampling: SamplingOptions, maximumTokens: Int?
  ) {
    self.tokenizer = tokenizer
    sampler = Sampler(sampling, suppressed: tokenizer.suppressed) { tokenizer.piece($0, special: true) }
    decoder = StreamDecoder(tokenizer)
    self.maximumTokens = maximumTokens
    recent = prompt.suffix(sampling.window)
  }

  /// One drawn token, or the reason why there is none.
  struct Step {
    var token: AnswerToken
    var stop: StopReason?
  }

  /// Draws the next token.
  mutating func step(_ distribution: LogDistribution) -> Step {
    let (token, logProbability) = sampler.next(distribution, recent: recent[...])
    var step = Step(token: AnswerToken(id: Int(token), text: "", logProbability: logProbability))
    if let maximumTokens, count >= maximumTokens {
      step.stop = .length
    } else if tokenizer.isEndOfGeneration(token) {
      step.stop = .endOfTurn
    } else {
      count += 1
      recent.append(token)
      if recent.count > 2 * sampler.options.window + 64 {
        recent.removeFirst(recent.count - sampler.options.window)
      }
      step.token.text = decoder.append(token)
    }
    return step
  }

  /// The rest of an unfinished character, as a token of its own; nil when there is none.
  mutating func finish() -> AnswerToken? {
    let rest = decoder.finish()
    return rest.isEmpty ? nil : AnswerToken(id: -1, text: rest, logProbability: 0)
  }
}
