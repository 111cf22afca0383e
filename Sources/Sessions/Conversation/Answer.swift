import Inference

/// The circumstances of an answer: model, plan, sampling and figures, so that it can be understood and made
/// again.
public struct Answer: Sendable, Hashable {
  public let model: ModelReference
  /// The plan at its beginning.
  public let plan: Plan
  public let sampling: SamplingOptions
  /// The answer that it has its beginning from; nil where all of it is its own.
  public internal(set) var branch: AnswerBranch?
  /// The ids of its tokens so far.
  public internal(set) var tokenIDs: [Int] = []
  /// What is kept of each of its tokens; fewer than ``tokenIDs``, from the first on, where that of the rest is not
  /// known.
  public internal(set) var records: [TokenRecord] = []
  /// Changes of plan while it was under way, in order.
  public internal(set) var planChanges: [PlanChange] = []
  /// The times that it was gone on with after an end, in order.
  public internal(set) var continuations: [Continuation] = []
  /// UTF-8 bytes at its beginning that people wrote.
  public internal(set) var givenBytes = 0
  /// Figures of the finished answer; nil while it streams, and for good if the program ended meanwhile.
  public internal(set) var statistics: AnswerStatistics?
  /// The reason why the answer could not be finished, in one line.
  public internal(set) var failure: String?

  init(model: ModelReference, plan: Plan, sampling: SamplingOptions) {
    self.model = model
    self.plan = plan
    self.sampling = sampling
  }

  /// Adds the records of the first of `count` tokens, whose ids are there already. After a token without one there
  /// are no more, since the places of their texts are not known.
  mutating func add(_ records: [TokenRecord], of count: Int) {
    guard records.count <= count, self.records.count == tokenIDs.count - count else { return }
    self.records += records
  }

  /// Neither finished nor failed: it is streaming, or was cut off when the program ended.
  public var isOpen: Bool { statistics == nil && failure == nil }

  /// The reason why it ended; nil while it is open, and when it failed.
  public var stop: StopReason? { statistics?.stop }

  /// The plan that its newest token was computed under.
  public var lastPlan: Plan { planChanges.last?.plan ?? plan }
  /// The sampling options that its newest token was drawn with.
  public var lastSampling: SamplingOptions { continuations.last?.sampling ?? sampling }
}

/// Where an answer left another one.
public struct AnswerBranch: Sendable, Hashable {
  /// The node of the other one.
  public var answer: Int
  /// The number of its first tokens that both have.
  public var tokens: Int
}

/// A place where an answer had ended and went on.
public struct Continuation: Sendable, Hashable {
  /// The number of the answer's tokens before it, and the UTF-8 bytes of the content and the thought.
  public var tokens: Int
  public var bytes: Int
  public var reasoningBytes = 0
  /// The sampling options of what follows.
  public var sampling: SamplingOptions
  /// The end before it.
  public var statistics: AnswerStatistics?
  public var failure: String?
}

extension Conversation.Node {
  /// An answer as the beginning of one that goes on.
  public var beginning: AnswerBeginning {
    guard let answer else { return AnswerBeginning(text: content) }
    let given = String(decoding: content.utf8.prefix(answer.givenBytes), as: UTF8.self)
    // −1 stands for what was left of a character.
    return AnswerBeginning(text: given, tokenIDs: answer.tokenIDs.filter { $0 >= 0 })
  }
}

/// A change of plan within an answer.
public struct PlanChange: Sendable, Hashable, Encodable {
  /// The number of the answer's tokens before the change.
  public var tokens: Int
  /// The length of the answer's text before the change, in bytes of UTF-8.
  public var bytes: Int
  /// The length of its thought, likewise.
  public var reasoningBytes = 0
  public var plan: Plan

  private enum CodingKeys: String, CodingKey {
    case tokens, bytes, plan
    case reasoningBytes = "reasoning_bytes"
  }

  /// Without thoughts as it was before there were any.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tokens, forKey: .tokens)
    try container.encode(bytes, forKey: .bytes)
    if reasoningBytes > 0 { try container.encode(reasoningBytes, forKey: .reasoningBytes) }
    try container.encode(plan, forKey: .plan)
  }
}

/// A reference to a model in sessions and plans.
public struct ModelReference: Sendable, Hashable, Codable {
  public var name: String
  /// The path of the file when it was used.
  public var path: String?
  public init(name: String, path: String? = nil) {
    self.name = name
    self.path = path
  }
}
