/// What a plan does to a model's predictions over a text, against the baseline.
public struct Damage: Sendable, Hashable, Codable {
  /// KL(baseline ‖ plan) in nats a token.
  public var kl: Double
  public var perplexity: Double
  /// Share of tokens after which both have the same likeliest next token.
  public var sameTop: Double

  public init(kl: Double, perplexity: Double, sameTop: Double) {
    self.kl = kl
    self.perplexity = perplexity
    self.sameTop = sameTop
  }
}

/// A part of the model that a plan can drop.
public struct Droppable: Sendable, Hashable, Codable {
  public enum Part: String, Sendable, Hashable, Codable, CaseIterable {
    case attention, mlp, block

    public var sublayers: [Plan.Sublayer] {
      switch self {
      case .attention: [.attention]
      case .mlp: [.mlp]
      case .block: [.attention, .mlp]
      }
    }
  }

  public var part: Part
  public var layer: Int

  public init(_ part: Part, _ layer: Int) {
    self.part = part
    self.layer = layer
  }

  /// Whether all of it runs.
  public func runs(under plan: Plan) -> Bool {
    part.sublayers.allSatisfy { plan.runs($0, layer: layer) }
  }

  public func dropped(from plan: Plan) -> Plan {
    var plan = plan
    for sublayer in part.sublayers { plan[dropped: sublayer].insert(layer) }
    return plan
  }
}
