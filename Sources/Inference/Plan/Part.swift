/// A part of a transformer block, or all of it: the unit that similarity and damage are measured for.
public enum Part: String, Sendable, Hashable, Codable, CaseIterable {
  case attention, mlp, block

  /// A sublayer as a part.
  public init(_ sublayer: Plan.Sublayer) {
    switch sublayer {
    case .attention: self = .attention
    case .mlp: self = .mlp
    }
  }

  /// The sublayers it consists of, in the order in which they run.
  public var sublayers: [Plan.Sublayer] {
    switch self {
    case .attention: [.attention]
    case .mlp: [.mlp]
    case .block: [.attention, .mlp]
    }
  }
}
