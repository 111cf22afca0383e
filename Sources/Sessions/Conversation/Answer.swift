import Inference

/// How an answer came about, so that it can be understood and made again.
public struct Answer: Sendable, Hashable {
  public let model: ModelReference
  public let plan: Plan
  public let sampling: SamplingOptions
  public internal(set) var tokenIDs: [Int] = []
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
