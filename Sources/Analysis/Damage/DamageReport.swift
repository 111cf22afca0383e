import Inference

/// What dropping each part of a model alone does, as far as it is measured.
public struct DamageReport: AnalysisReport, Hashable, Codable {
  /// The plan that runs but for the part dropped.
  public var plan: Plan
  /// Tokens of the text.
  public var tokens: Int
  public var baseline: Damage
  /// What `plan` does with nothing more dropped.
  public var undropped: Damage
  public private(set) var entries: [Entry]

  public struct Entry: Sendable, Hashable, Codable {
    public var dropped: Droppable
    /// Mean over the same text, of what is not dropped yet; nil where the model has nothing there.
    public var similarity: Float?
    public var damage: Damage
    public init(_ dropped: Droppable, similarity: Float?, _ damage: Damage) {
      self.dropped = dropped
      self.similarity = similarity
      self.damage = damage
    }
  }

  public init(plan: Plan, tokens: Int, baseline: Damage, undropped: Damage, entries: [Entry] = []) {
    self.plan = plan
    self.tokens = tokens
    self.baseline = baseline
    self.undropped = undropped
    self.entries = entries
  }

  /// nil where it is not measured.
  public subscript(dropped: Droppable) -> Entry? { entries.first { $0.dropped == dropped } }

  public mutating func add(_ entry: Entry) { entries.append(entry) }
}
