/// The width of every matrix, the error of its encoding, and its zeros.
public struct WeightSummary: Sendable, Hashable {
  /// [layer][``Role``]; nil where the matrix does not run.
  public var layers: [[Matrix?]]
  /// The output head.
  public var head: Matrix?

  /// The matrices of a layer, in the order of the graph.
  public enum Role: Int, Sendable, CaseIterable {
    case query, key, value, output, gate, up, down

    /// The short name of the matrix, such as `q`.
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

  /// The figures of one matrix.
  public struct Matrix: Sendable, Hashable {
    /// Bits a weight, scales included.
    public var bits: Float
    /// ‖Ŵ − W‖ / ‖W‖ against the file's weights W, by the Frobenius norm; nil while it is not measured.
    public var error: Float?
    /// The share of weights that are 0; nil where the format has no such code, and while it is not counted.
    public var zeros: Float?
    public var rows: Int
    public var columns: Int

    public init(bits: Float, error: Float?, zeros: Float? = nil, rows: Int, columns: Int) {
      self.bits = bits
      self.error = error
      self.zeros = zeros
      self.rows = rows
      self.columns = columns
    }
  }

  public init(layers: [[Matrix?]], head: Matrix?) {
    self.layers = layers
    self.head = head
  }
}
