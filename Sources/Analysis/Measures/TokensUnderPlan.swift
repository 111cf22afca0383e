import Inference
import Tokenization

/// What a plan would have said at each token of an answer: one pass over the answer, in a context beside the chat's.
public struct TokensUnderPlan: AnalysisJob {
  /// Chosen by the caller; comes back in the report.
  public var id: Int
  /// The conversation before the answer.
  public var messages: [ChatMessage]
  public var choices: PromptChoices
  /// The answer.
  public var answer: AnswerBeginning
  public var plan: Plan
  /// Tokens at each place whose probabilities are told, whatever their rank.
  public var candidates: [[Token]]

  public init(
    id: Int, messages: [ChatMessage], choices: PromptChoices, answer: AnswerBeginning, plan: Plan,
    candidates: [[Token]]
  ) {
    self.id = id
    self.messages = messages
    self.choices = choices
    self.answer = answer
    self.plan = plan
    self.candidates = candidates
  }

  /// The places of an answer under a plan.
  public struct Report: AnalysisReport, Sendable {
    public var id: Int
    public var plan: Plan
    public var places: [Place]
    public init(id: Int, plan: Plan, places: [Place]) {
      self.id = id
      self.plan = plan
      self.places = places
    }
  }

  /// A token of the answer as the plan sees it.
  public struct Place: Sendable, Hashable {
    /// As if it had been put there: its rank, its log-probability, and the likeliest tokens.
    public var draw: TokenDraw
    /// Log-probabilities of the tokens that were asked for, in nats.
    public var candidates: [Float]
    public init(draw: TokenDraw, candidates: [Float]) {
      self.draw = draw
      self.candidates = candidates
    }
  }

  /// Reports a ``Report`` at the end.
  ///
  /// - Throws: `CancellationError` when `pace` ends it; ``ContextError`` where there is no memory for it.
  public func run(in context: InferenceContext, _ pace: Pace) throws {
    let model = context.model
    let tokens = try model.chatFormat.tokens(messages, choices: choices, continuing: answer)
    let first = tokens.count - answer.tokenIDs.count
    guard first > 0 else { return }
    let other = try InferenceContext(
      model, plan: plan, threads: context.summary.threads, context: tokens.count + 1,
      weightCache: context.weightCache, beside: [context])
    let places = try pace.piece { stop in
      var places: [Place] = []
      try other.readAll(tokens, progress: { _ in !stop() }) { index, logits in
        let place = index + 1 - first
        guard place >= 0, place < answer.tokenIDs.count else { return }
        let distribution = LogDistribution(logits, kernels: other.kernels)
        let asked = candidates.indices.contains(place) ? candidates[place] : []
        places.append(
          Place(
            draw: TokenDraw(of: tokens[index + 1], in: distribution),
            candidates: asked.map { $0 < distribution.count && $0 >= 0 ? distribution[$0] : .nan }))
      }
      return places
    }
    pace.report(.report(Report(id: id, plan: plan, places: places)))
  }
}
