import Inference

/// The damage of dropping each part of a model alone, as far as it is measured.
public struct DamageReport: AnalysisReport, Hashable, Codable {
  /// The plan from which each part is dropped.
  public var plan: Plan
  /// Tokens of the text.
  public var tokens: Int
  /// The baseline on the same text; its KL is 0.
  public var baseline: Damage
  /// The damage of `plan` itself.
  public var undropped: Damage
  /// The parts measured so far, in the order of measurement.
  public private(set) var entries: [Entry]

  /// One part.
  public struct Entry: Sendable, Hashable, Codable {
    public var dropped: Droppable
    /// Mean similarity over the same text under ``DamageReport/plan``; nil where the model has no such part.
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

  /// The entry of a part; nil where it is not measured.
  public subscript(dropped: Droppable) -> Entry? { entries.first { $0.dropped == dropped } }

  /// Adds a part that has been measured.
  public mutating func add(_ entry: Entry) { entries.append(entry) }
}
