import Analysis
import Inference

/// An event of the engine thread. Events are delivered in order; of `progress`, `rates`, `similarity`,
/// `probe` and the results of analyses only the newest is kept when the reader is slower than the engine.
public enum EngineEvent: Sendable {
  case loaded(ModelSummary)
  case planInUse(PlanFigures)
  /// Long work under way: loading, re-encoding, prefill.
  case progress(WorkProgress)
  /// The answer was not begun: see ``AnswerRequest/asksForShorter``.
  case promptTooLong(id: Int, PromptFit)
  case answerStarted(id: Int, promptTokens: Int, reusedTokens: Int)
  case answerText(id: Int, tokens: [AnswerToken])
  case answerFinished(id: Int, AnswerStatistics)
  case rates(Rates)
  case similarity(SimilarityReport)
  /// The report of the probe that is watched.
  case probe(ProbeReport)
  case analysis(AnalysisNews)
  /// What `tokenize` asked for.
  case prompt([PromptToken])
  /// The message is one line for the user.
  case failed(EngineTask, message: String)
}

/// A task that can fail or be stopped, other than an analysis.
public enum EngineTask: Sendable, Hashable {
  case load
  case plan(Plan)
  case answer(id: Int)
  case tokenize
}

/// A token of a prompt.
public struct PromptToken: Sendable, Hashable {
  public var id: Int
  /// Its text as far as it can be printed, line breaks and the like escaped.
  public var text: String
  /// Whether it steers the model and is no text that somebody wrote.
  public var isControl: Bool
  public init(id: Int, text: String, isControl: Bool) {
    self.id = id
    self.text = text
    self.isControl = isControl
  }
}

/// Live figures while an answer is computed.
public struct Rates: Sendable, Hashable {
  public var decodeTokensPerSecond: Double
  public var prefillTokensPerSecond: Double
  public var firstTokenSeconds: Double
  /// Positions in the KV cache, and its bytes in use.
  public var contextUsed: Int
  public var kvBytes: Int
  /// Memory of this program that is in use; nil where the system does not tell.
  public var residentBytes: Int?
  /// - Parameters: Speeds are 0 before the first answer.
  public init(
    decodeTokensPerSecond: Double = 0, prefillTokensPerSecond: Double = 0, firstTokenSeconds: Double = 0,
    contextUsed: Int = 0, kvBytes: Int = 0, residentBytes: Int? = nil
  ) {
    self.decodeTokensPerSecond = decodeTokensPerSecond
    self.prefillTokensPerSecond = prefillTokensPerSecond
    self.firstTokenSeconds = firstTokenSeconds
    self.contextUsed = contextUsed
    self.kvBytes = kvBytes
    self.residentBytes = residentBytes
  }
}
