import Analysis
import Inference
import Sessions
import Tokenization

/// The contexts in which the plans of two answers are stepped along the same tokens. They are kept from one step to
/// the next, so that a step reads one token.
final class LockstepContexts: @unchecked Sendable {  // used by the engine thread alone
  let pair: ComparedPair
  private let conversation: Conversation
  private var contexts: (first: InferenceContext, second: InferenceContext)?
  private var prompt: [Token] = []

  /// Tokens that there is room for behind the longer answer.
  private static let room = 256

  init(_ pair: ComparedPair, _ conversation: Conversation) {
    self.pair = pair
    self.conversation = conversation
  }

  /// What both plans say after `tokens`, which follow the prompt.
  fileprivate func step(_ tokens: [Token], beside context: InferenceContext, _ pace: Pace) throws
    -> LockstepReport
  {
    if contexts?.first.model !== context.model {
      let texts = try ComparedTexts(pair, conversation, context.model)
      contexts = nil
      contexts = try texts.contexts(beside: context, room: Self.room, pace)
      prompt = texts.first.divergence.prompt
    }
    guard let contexts else { throw CancellationError() }
    return try pace.piece { stop in
      let (one, other) = contexts
      let text = prompt + tokens
      let first = LogDistribution(try one.read(text) { _ in !stop() }, kernels: one.kernels)
      if one === other { return LockstepReport(tokens, first, first, context.model.tokenizer) }
      let second = LogDistribution(try other.read(text) { _ in !stop() }, kernels: other.kernels)
      return LockstepReport(tokens, first, second, context.model.tokenizer)
    }
  }
}

/// One step of two plans along the same tokens.
struct LockstepStep: AnalysisJob {
  /// Not kept by the job, which outlives its work: the memory goes when nobody steps any more.
  weak var contexts: LockstepContexts?
  /// After the prompt.
  let tokens: [Token]

  func run(in context: InferenceContext, _ pace: Pace) throws {
    guard let contexts else { throw CancellationError() }
    pace.report(.report(try contexts.step(tokens, beside: context, pace)))
  }
}

/// What two plans say next, after the same tokens.
struct LockstepReport: AnalysisReport, Equatable {
  var tokens: [Token]
  /// The end of what both have read.
  var text: String
  var divergence: Divergence
  /// The likeliest tokens of each plan, the likeliest first; empty where it says nothing that is a number.
  var first, second: [Candidate]

  /// A token that may come next.
  struct Candidate: Sendable, Hashable {
    var id: Token
    var label: String
    /// Under the plan whose candidate it is, and under the other.
    var probability, other: Double
  }

  /// Candidates of each plan.
  static let count = 10
  /// Tokens whose text is told.
  private static let tail = 64

  subscript(side: PairReport.Side) -> [Candidate] { side == .first ? first : second }
}

extension LockstepReport {
  fileprivate init(
    _ tokens: [Token], _ first: LogDistribution, _ second: LogDistribution, _ tokenizer: Tokenizer
  ) {
    func candidates(_ own: LogDistribution, _ other: LogDistribution) -> [Candidate] {
      guard own.isFinite else { return [] }
      return own.likeliest(Self.count).map { token in
        Candidate(
          id: token, label: tokenizer.text(of: token), probability: own.probability(of: token),
          other: other.isFinite ? other.probability(of: token) : .nan)
      }
    }
    self.init(
      tokens: tokens, text: tokens.suffix(Self.tail).map { tokenizer.text(of: $0) }.joined(),
      divergence: Divergence(baseline: first, plan: second), first: candidates(first, second),
      second: candidates(second, first))
  }
}
