/// What every matrix is held as, and what that cost.
public struct WeightSummary: Sendable, Hashable {
  /// By layer, then by ``Role``; nil where the matrix does not run.
  public var layers: [[Matrix?]]
  public var head: Matrix?

  /// The matrices of a layer, in the order of the graph.
  public enum Role: Int, Sendable, CaseIterable {
    case query, key, value, output, gate, up, down

    public var name: String {
      switch self {
      case .query: "q"
      case .key: "k"
      case .value: "v"
      case .output: "o"
      case .gate: "gate"
      case .up: "up"
      case .down: "down"
      }
    }
  }

  public struct Matrix: Sendable, Hashable {
    /// b/w, scales included.
    public var bits: Float
    /// ‖Ŵ − W‖ / ‖W‖ against the file's weights W, by the Frobenius norm; nil while it is not measured.
    public var error: Float?
    public var rows: Int
    public var columns: Int

    public init(bits: Float, error: Float?, rows: Int, columns: Int) {
      self.bits = bits
      self.error = error
      self.rows = rows
      self.columns = columns
    }
  }

  public init(layers: [[Matrix?]], head: Matrix?) {
    self.layers = layers
    self.head = head
  }
}
