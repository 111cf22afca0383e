/// The costs of a plan, measured or exactly counted.
public struct PlanFigures: Sendable, Hashable {
  public var plan: Plan
  /// b/w over all weight matrices that run, scales included.
  public var bitsPerWeight: Double
  /// b/w of each layer's running matrices (nil where nothing of the layer runs).
  public var layerBitsPerWeight: [Double?]
  /// Weight bytes that one decoded token reads.
  public var weightBytesPerToken: Int
  /// KV bytes that one position adds, and that each later token reads.
  public var kvBytesPerPosition: Int
  /// `weightBytesPerToken` of the baseline, for comparison.
  public var baselineWeightBytesPerToken: Int
  /// Seconds that the change of plan took.
  public var seconds: Double
  /// The effect of the plan's healing; nil when it heals nothing.
  public var healing: HealingEffect?
  /// Remarks on the weights in use that a user must know of: one line each.
  public var warnings: [String]
  public init(
    plan: Plan, bitsPerWeight: Double, layerBitsPerWeight: [Double?], weightBytesPerToken: Int,
    kvBytesPerPosition: Int, baselineWeightBytesPerToken: Int, seconds: Double,
    healing: HealingEffect? = nil, warnings: [String] = []
  ) {
    self.plan = plan
    self.bitsPerWeight = bitsPerWeight
    self.layerBitsPerWeight = layerBitsPerWeight
    self.weightBytesPerToken = weightBytesPerToken
    self.kvBytesPerPosition = kvBytesPerPosition
    self.baselineWeightBytesPerToken = baselineWeightBytesPerToken
    self.seconds = seconds
    self.healing = healing
    self.warnings = warnings
  }
}
