import Inference

/// The circumstances of an answer: model, plan, sampling and figures, so that it can be understood and made
/// again.
public struct Answer: Sendable, Hashable {
  public let model: ModelReference
  /// The plan at its beginning.
  public let plan: Plan
  public let sampling: SamplingOptions
  /// The ids of its tokens so far.
  public internal(set) var tokenIDs: [Int] = []
  /// Changes of plan while it was under way, in order.
  public internal(set) var planChanges: [PlanChange] = []
  /// Figures of the finished answer; nil while it streams, and for good if the program ended meanwhile.
  public internal(set) var statistics: AnswerStatistics?
  /// The reason why the answer could not be finished, in one line.
  public internal(set) var failure: String?

  init(model: ModelReference, plan: Plan, sampling: SamplingOptions) {
    self.model = model
    self.plan = plan
    self.sampling = sampling
  }

  /// Neither finished nor failed: it is streaming, or was cut off when the program ended.
  public var isOpen: Bool { statistics == nil && failure == nil }

  /// The reason why it ended; nil while it is open, and when it failed.
  public var stop: StopReason? { statistics?.stop }

  /// The plan that its newest token was computed under.
  public var lastPlan: Plan { planChanges.last?.plan ?? plan }
}

/// A change of plan within an answer.
public struct PlanChange: Sendable, Hashable, Codable {
  /// The number of the answer's tokens before the change.
  public var tokens: Int
  /// The length of the answer's text before the change, in bytes of UTF-8.
  public var bytes: Int
  public var plan: Plan
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
