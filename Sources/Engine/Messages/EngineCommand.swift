import Analysis
import Inference

/// A command to the engine thread.
public enum EngineCommand: Sendable {
  /// Opens a model file; replaces the one that is loaded.
  case load(path: String, options: LoadOptions)
  /// Makes `plan` the current one, re-encoding what it needs, so that the next answer starts at once.
  case use(Plan)
  case answer(AnswerRequest)
  /// Puts a conversation into the context, so that it can be watched before an answer. Its tokens are
  /// computed in small batches while the engine is idle and something is watched.
  case recall([ChatMessage], PromptChoices = PromptChoices())
  /// Tells the tokens that the model would read to answer a conversation.
  case tokenize([ChatMessage], PromptChoices = PromptChoices())
  /// Runs an analysis beside the other commands: it gives way to them, and goes on afterwards.
  case analyse(any AnalysisJob)
}

/// Options of loading a model.
public struct LoadOptions: Sendable, Hashable {
  /// Compute threads; nil takes one for each physical core.
  public var threads: Int?
  /// Positions of the KV cache; nil takes the model's training context, bounded for memory.
  public var context: Int?
  /// Overrides the file's chat template (Jinja source).
  public var template: String?
  /// Where packed weights are kept; nil for nowhere.
  public var weightCache: WeightCache?
  public init(
    threads: Int? = nil, context: Int? = nil, template: String? = nil, weightCache: WeightCache? = nil
  ) {
    self.threads = threads
    self.context = context
    self.template = template
    self.weightCache = weightCache
  }
}

/// A conversation to answer.
public struct AnswerRequest: Sendable {
  /// Chosen by the caller; comes back in every event about this answer.
  public var id: Int
  public var messages: [ChatMessage]
  public var plan: Plan
  public var sampling: SamplingOptions
  /// The most tokens of the answer; nil for no bound but the end of the turn and the context's capacity.
  public var maximumTokens: Int?
  /// The part of the answer that is there already; nil for a new answer.
  public var beginning: AnswerBeginning?
  /// Tokens that come next, whatever the model would draw.
  public var forced: [Int] = []
  /// Whether a prompt that leaves too little room in the context is reported by
  /// ``EngineEvent/promptTooLong(id:_:)``, so that it can be made shorter; else what does not fit fails.
  public var asksForShorter: Bool
  /// Tokens of earlier answers that may recur, the likeliest first: see ``Draft``.
  public var drafts: [[Int]] = []
  public init(
    id: Int, messages: [ChatMessage], plan: Plan, sampling: SamplingOptions, maximumTokens: Int? = nil,
    continuing beginning: AnswerBeginning? = nil, asksForShorter: Bool = false
  ) {
    self.id = id
    self.messages = messages
    self.plan = plan
    self.sampling = sampling
    self.maximumTokens = maximumTokens
    self.beginning = beginning
    self.asksForShorter = asksForShorter
  }
}
