import Inference

/// The plans that a search has found so far.
public struct SearchReport: AnalysisReport, Hashable {
  /// The target as the user wrote it: `kl=0.1`.
  public var target: String
  /// The number of tokens that plans were chosen on, and of the held-out ones that they were judged on.
  public var searchedTokens: Int
  public var judgedTokens: Int
  /// The baseline on the text that plans are judged on.
  public var baseline: SearchPoint
  /// All plans that some method proposes, judged.
  public var points: [SearchPoint] = []
  /// Each method's plan that meets the target, the best first.
  public var found: [SearchPoint] = []

  public init(target: String, searchedTokens: Int, judgedTokens: Int, baseline: SearchPoint) {
    self.target = target
    self.searchedTokens = searchedTokens
    self.judgedTokens = judgedTokens
    self.baseline = baseline
  }

  /// Notes the decode speed of a plan, wherever it stands.
  public mutating func set(speed: Double, of plan: Plan) {
    if baseline.plan == plan { baseline.tokensPerSecond = speed }
    for index in points.indices where points[index].plan == plan { points[index].tokensPerSecond = speed }
    for index in found.indices where found[index].plan == plan { found[index].tokensPerSecond = speed }
  }

  /// The plans to which no other is better in both KL and bytes, from the most to the fewest bytes. Plans
  /// whose KL is not finite are not among them.
  public var frontier: [SearchPoint] {
    var frontier: [SearchPoint] = []
    for point in ([baseline] + points).sorted(by: {
      ($0.bytesPerToken, $0.damage.cost) < ($1.bytesPerToken, $1.damage.cost)
    })
    where point.damage.kl < frontier.last?.damage.kl ?? .infinity { frontier.append(point) }
    return frontier.reversed()
  }
}

/// A plan with its damage and costs.
public struct SearchPoint: Sendable, Hashable {
  public var plan: Plan
  /// The method that proposed it; nil for the plan that the search began with.
  public var method: SearchMethod?
  /// The damage on held-out text.
  public var damage: Damage
  /// Weight bytes that one decoded token reads.
  public var bytesPerToken: Int
  /// Bytes of keys and values that each token adds to what is read.
  public var kvBytesPerToken: Int
  /// Over all weight matrices that run, scales included.
  public var bitsPerWeight: Double
  /// Decode speed; nil where it was not measured.
  public var tokensPerSecond: Double?

  public init(plan: Plan, method: SearchMethod?, damage: Damage, size: PlanSize) {
    self.plan = plan
    self.method = method
    self.damage = damage
    bytesPerToken = size.weightBytes
    kvBytesPerToken = size.kvBytesPerPosition
    bitsPerWeight = size.bitsPerWeight
  }
}

/// A method of search.
public enum SearchMethod: String, Sendable, Hashable, Codable, CaseIterable {
  /// The most similar sublayers of the intact model (arXiv 2406.15786).
  case similarity
  /// Those whose drop alone does least damage.
  case damage
  /// One after the other, with damage measured anew after each.
  case greedy
  /// Greedy, with earlier choices exchanged for others while that helps.
  case exchange
}
