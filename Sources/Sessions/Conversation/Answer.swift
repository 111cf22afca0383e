import Inference

/// How an answer came about, so that it can be understood and made again.
public struct Answer: Sendable, Hashable {
  public let model: ModelReference
  /// The plan that it began under.
  public let plan: Plan
  public let sampling: SamplingOptions
  public internal(set) var tokenIDs: [Int] = []
  /// Plans that took over while it was under way, in order.
  public internal(set) var planChanges: [PlanChange] = []
  /// Figures of the finished answer; nil while it streams, and for good if the program ended meanwhile.
  public internal(set) var statistics: AnswerStatistics?
  /// Why the answer could not be finished, in one line.
  public internal(set) var failure: String?

  init(model: ModelReference, plan: Plan, sampling: SamplingOptions) {
    self.model = model
    self.plan = plan
    self.sampling = sampling
  }

  /// Neither finished nor failed: it is streaming, or was cut off when the program ended.
  public var isOpen: Bool { statistics == nil && failure == nil }

  public var stop: StopReason? { statistics?.stop }

  /// The plan that its newest token came from.
  public var lastPlan: Plan { planChanges.last?.plan ?? plan }
}

/// Another plan from some token of an answer on.
public struct PlanChange: Sendable, Hashable, Codable {
  /// Tokens of the answer that came before.
  public var tokens: Int
  public var plan: Plan
}

/// A model as sessions and plans name it.
public struct ModelReference: Sendable, Hashable, Codable {
  public var name: String
  /// Where the file was when it was used.
  public var path: String?
  public init(name: String, path: String? = nil) {
    self.name = name
    self.path = path
  }
}
