/// The sizes of one layer.
public struct LayerShape: Sendable, Hashable {
  /// Query heads; 0 for a layer without attention.
  public var queryHeads: Int
  /// Heads of K and V; each serves `queryHeads / kvHeads` query heads. 0 for a layer with a matrix in the
  /// place of attention.
  public var kvHeads: Int
  /// Elements of a head's query and key.
  public var keyWidth: Int
  /// Elements of a head's value.
  public var valueWidth: Int
  /// Scores are multiplied by this.
  public var attentionScale: Float
  /// Rows of the MLP's gate and up; 0 for a layer without MLP.
  public var mlpWidth: Int
  /// Positions that attention sees; 0 for all.
  public var window: Int
  public var rope: Rope

  /// The first position that a token at `position` sees.
  func firstSeen(from position: Int) -> Int { window > 0 ? max(0, position - window + 1) : 0 }

  /// The rotation of a layer's queries and keys.
  public enum Rope: Sendable, Hashable {
    /// Queries and keys are not rotated.
    case none
    /// Rotated with the base and scaling of windowed layers.
    case local
    case global
  }
}
