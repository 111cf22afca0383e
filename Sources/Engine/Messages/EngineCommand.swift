import Analysis
import Inference

/// What the rest of the program asks of the engine thread.
public enum EngineCommand: Sendable {
  /// Opens a model file; replaces the one that is loaded.
  case load(path: String, options: LoadOptions)
  /// Makes `plan` the current one, re-encoding what it needs, so that the next answer starts at once.
  case use(Plan)
  case answer(AnswerRequest)
  /// Has a conversation in the context, so that it can be watched before an answer: it is computed bit by bit, while
  /// nothing else is to be done and something is watched.
  case recall([ChatMessage])
  /// Runs beside the others: it gives way to them, and goes on where it was.
  case analyse(any AnalysisJob)
}

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

public struct AnswerRequest: Sendable {
  /// Chosen by the caller; comes back in every event about this answer.
  public var id: Int
  public var messages: [ChatMessage]
  public var plan: Plan
  public var sampling: SamplingOptions
  /// nil: until the model ends its turn or the context is full.
  public var maximumTokens: Int?
  public init(
    id: Int, messages: [ChatMessage], plan: Plan, sampling: SamplingOptions, maximumTokens: Int? = nil
  ) {
    self.id = id
    self.messages = messages
    self.plan = plan
    self.sampling = sampling
    self.maximumTokens = maximumTokens
  }
}
