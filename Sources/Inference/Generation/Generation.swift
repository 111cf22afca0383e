import Tokenization

/// A generator of an answer, token by token, whose texts never split a character.
struct Generation {
  private let tokenizer: Tokenizer
  private var sampler: Sampler
  private var splitter: ThoughtSplitter
  private let maximumTokens: Int?
  private var recent: [Token]
  private var count = 0
  /// The most tokens of a thought; nil for no bound.
  private let budget: Int?
  /// What closes a thought, and how much of it is there.
  private let closing: [Token]
  private var closed = 0
  /// Tokens that come next, the next one last.
  private var chosen: [Token]

  /// - Parameters:
  ///   - forced: Tokens that come next, whatever the model would draw; those that it does not have are left out.
  ///   - candidates: The likeliest tokens that are kept of each draw.
  init(
    tokenizer: Tokenizer, prompt: [Token], sampling: SamplingOptions, maximumTokens: Int?,
    thinking: ThinkingFormat?, continuing beginning: AnswerBeginning?, forced: [Token] = [],
    keeps candidates: Int = TokenDraw.standardCount
  ) {
    self.tokenizer = tokenizer
    sampler = Sampler(sampling, suppressed: tokenizer.suppressed, keeps: candidates) {
      tokenizer.piece($0, special: true)
    }
    splitter = ThoughtSplitter(thinking, tokenizer, prompt: prompt, continuing: beginning)
    budget = thinking == nil ? nil : sampling.thinkBudget
    closing = thinking?.closing ?? []
    chosen = forced.filter { (0..<tokenizer.vocabularySize).contains(Int($0)) }.reversed()
    self.maximumTokens = maximumTokens
    recent = prompt.suffix(sampling.window)
  }

  /// Tokens that may still be drawn.
  var tokensLeft: Int { maximumTokens.map { max(0, $0 - count) } ?? .max }

  /// One drawn token, or the reason why there is none.
  struct Step {
    var token: AnswerToken
    var stop: StopReason?
  }

  /// Draws the next token, or takes the next of those that close a thought whose budget is spent.
  mutating func step(_ distribution: LogDistribution) -> Step {
    let token: Token
    if let next = chosen.popLast() {
      token = next
      sampler.force(token, distribution)
    } else if let forced {
      token = forced
      sampler.force(token, distribution)
      closed += 1
    } else {
      token = sampler.next(distribution, recent: recent[...]).token
    }
    var step = Step(
      token: AnswerToken(
        id: Int(token), text: "", logProbability: distribution[token], draw: PackedDraw(sampler.lastDraw)))
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
      step.token = splitter.append(step.token)
      if !splitter.isThinking, closed == closing.count { closed = 0 }
    }
    return step
  }

  /// The token that must come next; nil where the model chooses.
  private var forced: Token? {
    guard let budget else { return nil }
    let mustClose = closed > 0 || splitter.isThinking && splitter.thoughtTokens >= budget
    return mustClose && closed < closing.count ? closing[closed] : nil
  }

  /// The text that was held back, as tokens of their own.
  mutating func finish() -> [AnswerToken] { splitter.finish() }
}
