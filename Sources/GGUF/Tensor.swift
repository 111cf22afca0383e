/// A tensor of a GGUF file. Its data lies in the mapping and is valid as long as the ``GGUFFile`` lives.
///
/// `@unchecked Sendable` because `data` points into a mapping that nobody writes to.
public struct Tensor: @unchecked Sendable {
  /// The name in the file, such as `blk.0.attn_q.weight`.
  public let name: String
  /// Extents in ne order, the fastest first: a matrix of 576 inputs and 1536 outputs is [576, 1536].
  public let shape: [Int]
  /// The format of the elements.
  public let type: BlockType
  /// All blocks, row after row; in I2_S the tensor's scale after them. Aligned as the file says, which may be
  /// to single bytes: use unaligned loads.
  public let data: UnsafeRawBufferPointer

  public init(name: String, shape: [Int], type: BlockType, data: UnsafeRawBufferPointer) {
    self.name = name
    self.shape = shape
    self.type = type
    self.data = data
  }

  /// The product of the extents. It cannot overflow: that was checked when the file was opened.
  public var elementCount: Int { shape.reduce(1, *) }

  /// Bytes of one row of `shape[0]` elements. In I2_S blocks run on over rows: only the whole is exact.
  public var rowBytes: Int { (shape.first ?? 1) * type.bytesPerBlock / type.elementsPerBlock }
}
