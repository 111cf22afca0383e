/// The sizes of one layer.
public struct LayerShape: Sendable, Hashable {
  /// Query heads; 0 for a layer without attention.
  public var heads: Int
  /// Heads of K and V; each serves `heads / kvHeads` query heads. 0 for a layer with a matrix in the place
  /// of attention.
  public var kvHeads: Int
  /// Rows of the MLP's gate and up; 0 for a layer without MLP.
  public var mlpWidth: Int
  /// Positions that attention sees; 0 for all.
  public var window: Int
  public var rope: Rope

  /// The rotation of a layer's queries and keys.
  public enum Rope: Sendable, Hashable {
    /// Queries and keys are not rotated.
    case none
    /// Rotated with the base and scaling of windowed layers.
    case local
    case global
  }
}
