import Tokenization

extension InferenceContext {
  /// Reads `prompt` and answers it, token by token, until the model ends its turn, `maximumTokens` are there,
  /// the context is full, or `isInterrupted` says so.
  ///
  /// - Parameters:
  ///   - isPlain: Whether the answer is a turn in plain text; see ``ChatFormat/isPlain``.
  ///   - thinking: How the answer holds thoughts; nil where all of it is content.
  ///   - drafts: Earlier answers that may recur, the likeliest first; see ``Draft``.
  ///   - candidates: The likeliest tokens that are kept of each draw.
  ///   - progress: Called with the fraction of the prompt that is read.
  ///   - emit: See ``AnswerRun/Emit``.
  /// - Throws: ``ContextError`` when the prompt does not fit; `CancellationError` when `progress` stops it.
  public func answer(
    _ prompt: [Token], sampling: SamplingOptions, maximumTokens: Int? = nil, isPlain: Bool = false,
    thinking: ThinkingFormat? = nil, keeps candidates: Int = TokenDraw.standardCount, drafts: [[Token]] = [],
    progress: ProgressCheck = { _ in true },
    isInterrupted: () -> Bool = { false },
    emit: (AnswerToken, AnswerStatistics) -> Void
  ) throws -> AnswerStatistics {
    try withoutActuallyEscaping(emit) { emit in
      try withoutActuallyEscaping(isInterrupted) { isInterrupted in
        let run = try AnswerRun(
          self, prompt, sampling: sampling, maximumTokens: maximumTokens, isPlain: isPlain,
          thinking: thinking,
          keeps: candidates, drafts: drafts, progress: progress, isInterrupted: isInterrupted, emit: emit)
        while !run.isOver { try run.step() }
        return run.statistics
      }
    }
  }
}
