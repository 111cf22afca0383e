import Foundation
import Tokenization

extension InferenceContext {
  /// Reads `prompt` and answers it, token by token, until the model ends its turn, `maximumTokens` are there, the
  /// context is full, or `isInterrupted` says so.
  ///
  /// - Parameters:
  ///   - isPlain: Whether the answer is a turn in plain text; see ``ChatFormat/isPlain``.
  ///   - progress: Told of the reading of the prompt.
  ///   - emit: Takes each token as it is drawn, before it is read, with the figures so far. What is left of an
  ///     unfinished character comes last, as a token with the id −1.
  /// - Throws: ``ContextError`` when the prompt does not fit; `CancellationError` when `progress` stops it.
  public func answer(
    _ prompt: [Token], sampling: SamplingOptions, maximumTokens: Int? = nil, isPlain: Bool = false,
    progress: Progress = { _ in true }, isInterrupted: () -> Bool = { false },
    emit: (AnswerToken, AnswerStatistics) -> Void
  ) throws -> AnswerStatistics {
    let work = work(toRead: prompt)
    var statistics = AnswerStatistics(
      promptTokens: prompt.count, reusedTokens: reusedTokens(of: prompt),
      answerTokens: 0, prefillTokensPerSecond: 0, decodeTokensPerSecond: 0, firstTokenSeconds: 0,
      stop: .endOfTurn)
    let clock = ContinuousClock()
    let start = clock.now
    var logits = try read(prompt, progress: progress)
    let decodeStart = clock.now
    statistics.prefillTokensPerSecond = work / (decodeStart - start).seconds

    var generation = Generation(
      tokenizer: model.tokenizer, prompt: prompt, sampling: sampling, maximumTokens: maximumTokens)
    var turn = isPlain ? PlainTurn() : nil
    while true {
      if isInterrupted() { statistics.stop = .interrupted; break }
      let step = generation.step(logits)
      if statistics.answerTokens == 0 { statistics.firstTokenSeconds = (clock.now - start).seconds }
      if let stop = step.stop { statistics.stop = stop; break }
      statistics.answerTokens += 1
      let (ready, isOver) = turn?.take(step.token) ?? ([step.token], false)
      for token in ready { emit(token, statistics) }
      if isOver { break }
      guard tokens.count < capacity else { statistics.stop = .contextFull; break }
      logits = try append(Token(step.token.id))
      statistics.decodeTokensPerSecond =
        Double(statistics.answerTokens) / (clock.now - decodeStart).seconds
    }
    for token in turn?.finish() ?? [] { emit(token, statistics) }
    if let rest = generation.finish() { emit(rest, statistics) }
    return statistics
  }
}
