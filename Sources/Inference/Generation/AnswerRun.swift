import Foundation
import Tokenization

/// An answer under way, a token at a time, so that other work fits in between.
public final class AnswerRun: @unchecked Sendable {  // used by one thread
  /// Called with each token as it is drawn, before it is read, and the figures so far. The rest of an
  /// unfinished character comes last, as a token with the id −1.
  public typealias Emit = (AnswerToken, AnswerStatistics) -> Void

  private let context: InferenceContext
  private let emit: Emit
  private let isInterrupted: () -> Bool
  private var generation: Generation
  private var turn: PlainTurn?
  private var repetition: RepetitionMeter
  private var draft: Draft
  /// Tokens of a repetition that end the answer; 0 for none.
  private let loopGuard: Int
  /// The distribution of the next token.
  private var next: LogDistribution
  /// The figures so far.
  public private(set) var statistics: AnswerStatistics
  /// Whether the answer has ended.
  public private(set) var isOver = false
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private let decodeStart: ContinuousClock.Instant

  /// Reads `prompt`.
  ///
  /// - Parameters:
  ///   - maximumTokens: The most tokens of the answer; nil for no bound but the end of the turn and the
  ///     context's capacity.
  ///   - isPlain: Whether the answer is a turn in plain text; see ``ChatFormat/isPlain``.
  ///   - thinking: How the answer holds thoughts; nil where all of it is content.
  ///   - beginning: The part of the answer that the prompt ends with already.
  ///   - forced: Tokens that come next, whatever the model would draw.
  ///   - candidates: The likeliest tokens that are kept of each draw.
  ///   - drafts: Earlier answers that may recur, the likeliest first; see ``Draft``.
  ///   - isInterrupted: Whether the answer shall end; asked before each token, and in the midst of a batch.
  /// - Throws: ``ContextError`` when the prompt does not fit; `CancellationError` when `progress` stops it.
  public init(
    _ context: InferenceContext, _ prompt: [Token], sampling: SamplingOptions, maximumTokens: Int?,
    isPlain: Bool, thinking: ThinkingFormat? = nil, continuing beginning: AnswerBeginning? = nil,
    forced: [Token] = [], keeps candidates: Int = TokenDraw.standardCount, drafts: [[Token]] = [],
    progress: ProgressCheck, isInterrupted: @escaping () -> Bool = { false }, emit: @escaping Emit
  ) throws {
    self.context = context
    self.emit = emit
    self.isInterrupted = isInterrupted
    let work = context.work(toRead: prompt)
    statistics = AnswerStatistics(
      promptTokens: prompt.count, reusedTokens: context.reusedTokens(of: prompt),
      answerTokens: 0, prefillTokensPerSecond: 0, decodeTokensPerSecond: 0, firstTokenSeconds: 0,
      stop: .endOfTurn)
    start = clock.now
    next = LogDistribution(try context.read(prompt, progress: progress), kernels: context.kernels)
    decodeStart = clock.now
    statistics.prefillTokensPerSecond = work / (decodeStart - start).seconds
    let limit = sampling.maximumTokens > 0 ? sampling.maximumTokens : nil
    generation = Generation(
      tokenizer: context.model.tokenizer, prompt: prompt, sampling: sampling,
      maximumTokens: maximumTokens ?? limit, thinking: thinking, continuing: beginning,
      forced: forced, keeps: candidates)
    draft = Draft(
      context.drafts(drafts, most: sampling.draft), after: prompt, most: sampling.draft,
      isEnd: context.model.tokenizer.isEndOfGeneration)
    turn = isPlain ? PlainTurn(hasBegun: beginning != nil) : nil
    repetition = RepetitionMeter(first: beginning?.tokenIDs.count ?? 0)
    loopGuard = sampling.loopGuard
  }

  /// Draws a token and reads it, be it with guesses of those that follow, or ends the answer.
  ///
  /// - Throws: ``NaNError``, which ends the answer.
  public func step() throws {
    guard !isOver else { return }
    if isInterrupted() { return end(.interrupted) }
    guard next.isFinite else {
      end(.interrupted)
      throw NaNError(tokens: statistics.answerTokens, cause: context.causeOfNaN)
    }
    let stepStart = clock.now
    let step = generation.step(next)
    if statistics.answerTokens == 0 { statistics.firstTokenSeconds = (clock.now - start).seconds }
    if let stop = step.stop { return end(stop) }
    statistics.answerTokens += 1
    measure(step.token)
    let (ready, isTurnOver) = turn?.append(step.token) ?? ([step.token], false)
    for token in ready { emit(token, statistics) }
    if isTurnOver { return end(.endOfTurn) }
    repetition.append(Token(step.token.id))
    if loopGuard > 0, repetition.repetition(length: loopGuard) != nil { return end(.loop) }
    guard context.tokens.count < context.capacity else { return end(.contextFull) }
    do { try read(Token(step.token.id), since: stepStart) } catch is CancellationError { end(.interrupted) }
  }

  /// Reads a token, and counts its step since `start` where it belongs.
  private func read(_ token: Token, since start: ContinuousClock.Instant) throws {
    draft.append(token)
    let left = generation.tokensLeft, readStart = clock.now
    let step = try context.step(token) { [self] most in
      draft.proposal(min(most, left))
    } progress: { [isInterrupted] _ in
      !isInterrupted()
    }
    let end = clock.now
    next = step.next
    draft.take(step.work, (end - readStart).seconds)
    statistics.count(step.work, (end - start).seconds)
    let decoded = (end - decodeStart).seconds - (statistics.draft?.seconds ?? 0)
    statistics.decodeTokensPerSecond =
      statistics.decodedTokens > 0 ? Double(statistics.decodedTokens) / decoded : 0
  }

  /// Makes `plan` the current one; ``readAgain(progress:)`` must follow.
  ///
  /// - Parameter progress: May call ``step()``: the answer goes on under the old plan until the new one is in
  ///   place.
  public func use(_ plan: Plan, progress: @escaping ProgressCheck) throws {
    try context.use(plan, progress: progress)
  }

  /// Recomputes the tokens in the context as far as another plan changes them. An answer that is stopped
  /// meanwhile ends.
  public func readAgain(progress: ProgressCheck) throws {
    guard !isOver else { return }
    do {
      next = LogDistribution(
        try context.read(context.tokens, progress: progress), kernels: context.kernels)
    } catch is CancellationError {
      end(.interrupted)
    }
  }

  /// Ends the answer, and emits the text that was held back.
  public func end(_ stop: StopReason) {
    guard !isOver else { return }
    isOver = true
    statistics.stop = stop
    statistics.loop =
      stop == .endOfTurn ? nil : repetition.repetition(length: RepetitionMeter.leastLength)
    for token in turn?.finish() ?? [] { emit(token, statistics) }
    for rest in generation.finish() { emit(rest, statistics) }
  }

  /// Counts a token of a thought, or notes the first of the content after it.
  private func measure(_ token: AnswerToken) {
    if token.part == .reasoning {
      var thought = statistics.thought ?? ThoughtStatistics(tokens: 0, seconds: 0)
      thought.tokens += 1
      thought.seconds = (clock.now - decodeStart).seconds
      thought.draft = statistics.draft
      statistics.thought = thought
    } else if statistics.thought != nil, statistics.thought?.firstContentSeconds == nil {
      statistics.thought?.firstContentSeconds = (clock.now - start).seconds
    }
  }
}
