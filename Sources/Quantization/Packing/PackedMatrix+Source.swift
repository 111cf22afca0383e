extension PackedMatrix {
  /// Whether the values are the file's own, so that nothing was lost.
  public var isExact: Bool { rotation == nil && format == PackedFormat(holding: source) }

  /// The tensor of the file whose rows these are.
  public var tensorName: String { source.tensor.name }
  /// The first of the rows in that tensor.
  public var firstRow: Int { source.firstRow }

  /// The rotation that was merged across the rows before they were encoded.
  public var outputRotation: Hadamard? { rotation?.output }

  /// A row as it was before it was encoded, but for ``outputRotation``.
  ///
  /// - Parameter values: As many as there are columns.
  public func sourceRow(_ index: Int, into values: UnsafeMutableBufferPointer<Float>) {
    source.dequantizeBlocks(ofRow: index, into: values)
    rotation?.apply(toRow: values, columns: 0..<columns)
    let scale = source.scale * source.tensorScale
    if scale != 1 { for column in values.indices { values[column] *= scale } }
  }
}
