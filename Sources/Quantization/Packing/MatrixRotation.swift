/// Factors that are merged into a weight matrix W before it is encoded: Rₒᵀ · W · diag(g) · Rᵢ.
public struct MatrixRotation: Sendable {
  /// g: factors of the columns; nil for 1.
  public var gains: [Float]?
  /// Rᵢ, along the rows; nil for the identity.
  public var input: Hadamard?
  /// Rₒ, across the rows.
  public var output: Hadamard?

  public init(gains: [Float]? = nil, input: Hadamard? = nil, output: Hadamard? = nil) {
    self.gains = gains
    self.input = input
    self.output = output
  }

  /// Multiplies `columns` of a row; they are whole blocks of `input`.
  func apply(toRow values: UnsafeMutableBufferPointer<Float>, columns: Range<Int>) {
    guard let values = values.baseAddress else { return }
    gains?.withUnsafeBufferPointer { gains in
      guard let gains = gains.baseAddress.map({ $0 + columns.lowerBound }) else { return }
      for i in 0..<columns.count { values[i] *= gains[i] }
    }
    input?.apply(to: values, count: columns.count)
  }
}
