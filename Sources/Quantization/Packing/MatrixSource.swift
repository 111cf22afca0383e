import GGUF

/// Rows of a tensor of the file: the whole of it, or a part where a file fuses several matrices in one.
public struct MatrixSource: Sendable {
  public let tensor: Tensor
  public let firstRow: Int
  public let rows: Int
  /// The factor of products with the rows: the file's scalar tensor `NAME.scale`, where it has one.
  public let scale: Float
  /// The scale of every block of TQ1_0 or TQ2_0 that is not all zeros, where they have the same: such rows fit
  /// ``PackedFormat/wholeTernary``. nil for other types and others.
  let blockScale: Float?

  public init(_ tensor: Tensor, firstRow: Int = 0, rows: Int? = nil, scale: Float = 1) {
    self.tensor = tensor
    self.firstRow = firstRow
    self.rows = rows ?? (tensor.shape.count > 1 ? tensor.shape[1] : 1) - firstRow
    self.scale = scale
    blockScale = Self.blockScale(tensor, firstRow: firstRow, rows: self.rows)
  }

  public var type: BlockType { tensor.type }
  public var columns: Int { tensor.shape[0] }
  /// Bytes of these rows in the file.
  public var byteCount: Int { rows * tensor.rowBytes }

  /// The blocks of a row. In I2_S a row may start in the middle of a block.
  public func row(_ index: Int) -> UnsafeRawBufferPointer {
    let start = (firstRow + index) * tensor.rowBytes
    return UnsafeRawBufferPointer(rebasing: tensor.data[start..<start + tensor.rowBytes])
  }

  /// Decodes a row to f32, the scale of an I2_S tensor included, `scale` not.
  public func dequantize(row index: Int, into values: UnsafeMutableBufferPointer<Float>) {
    dequantizeBlocks(ofRow: index, into: values)
    guard type == .i2_s else { return }
    let tensorScale = tensorScale
    for i in values.indices { values[i] *= tensorScale }
  }

  /// The scale that I2_S keeps after the blocks of a tensor; 1 for other types.
  var tensorScale: Float {
    guard type == .i2_s else { return 1 }
    return Float(
      bitPattern: UInt32(
        littleEndian: tensor.data.loadUnaligned(
          fromByteOffset: tensor.data.count - type.bytesPerTensor, as: UInt32.self)))
  }

  /// The scale of a packed matrix of one scale.
  var wholeScale: Float { blockScale ?? tensorScale }

  private static func blockScale(_ tensor: Tensor, firstRow: Int, rows: Int) -> Float? {
    let type = tensor.type
    guard type == .tq1_0 || type == .tq2_0, tensor.shape[0] % type.elementsPerBlock == 0 else { return nil }
    let size = type.bytesPerBlock, last = size - 2
    let bytes = tensor.data[firstRow * tensor.rowBytes..<(firstRow + rows) * tensor.rowBytes]
    var scale: UInt16 = 0
    for place in stride(from: bytes.startIndex + last, to: bytes.endIndex, by: size) {
      let own = UInt16(littleEndian: tensor.data.loadUnaligned(fromByteOffset: place, as: UInt16.self))
      guard own & 0x7fff != 0, own != scale else { continue }
      guard scale == 0 else { return nil }
      scale = own
    }
    let found = Float(Float16(bitPattern: scale))
    return found.isFinite ? found : nil
  }

  /// Decodes a row, from `first` on, without ``tensorScale``. The values are whole blocks, save in I2_S.
  func dequantizeBlocks(
    ofRow index: Int, from first: Int = 0, into values: UnsafeMutableBufferPointer<Float>
  ) {
    guard type == .i2_s else {
      let bytes = { $0 / type.elementsPerBlock * type.bytesPerBlock }
      let part = row(index)[bytes(first)..<bytes(first + values.count)]
      return type.dequantize(UnsafeRawBufferPointer(rebasing: part), into: values)
    }
    Ternary.i2_sCodes(tensor.data, from: (firstRow + index) * columns + first, into: values)
  }
}
