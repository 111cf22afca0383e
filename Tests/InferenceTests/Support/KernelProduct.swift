import CKernels
import GGUF
import Quantization
import TestModels

/// A weight matrix in the file's blocks, with what they decode to.
struct BlockMatrix {
  let type: BlockType
  let rows: Int
  let columns: Int
  let bytes: [UInt8]
  /// [row][column]
  let values: [[Float]]

  init(_ type: BlockType, rows: Int, columns: Int, bytes: [UInt8]) {
    self.type = type
    self.rows = rows
    self.columns = columns
    self.bytes = bytes
    let all = [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
      bytes.withUnsafeBytes {
        type.dequantize($0, into: UnsafeMutableBufferPointer(rebasing: buffer[..<(rows * columns)]))
      }
      count = rows * columns
    }
    values = (0..<rows).map { Array(all[$0 * columns..<($0 + 1) * columns]) }
  }

  init(_ type: BlockType, rows: Int, columns: Int, scale: Float, using random: inout SeededGenerator) {
    self.init(
      type, rows: rows, columns: columns,
      bytes: RandomBlocks.bytes(type, count: rows * columns, scale: scale, using: &random))
  }

  init(values: [[Float]]) {
    self.init(
      .f32, rows: values.count, columns: values[0].count,
      bytes: values.flatMap { $0 }.withUnsafeBytes { Array($0) })
  }

  /// Packed with `kernels`; nil keeps the format of the blocks.
  func packed(
    _ format: PackedFormat? = nil, scale: Float = 1, importance: [Float]? = nil,
    rotation: MatrixRotation? = nil, kernels: Kernels
  ) -> PackedMatrix {
    bytes.withUnsafeBytes { data in
      let tensor = Tensor(name: "w", shape: [columns, rows], type: type, data: data)
      let matrix = try! PackedMatrix(MatrixSource(tensor, scale: scale), format: format, rotation: rotation)
      for piece in matrix.pieces { matrix.pack(piece, kernels: kernels, importance: importance) }
      return matrix
    }
  }
}

extension PackedMatrix {
  var packedBytes: [UInt8] { Array(UnsafeBufferPointer(start: view.data, count: byteCount)) }
}

/// Activations of several tokens, as the kernels take those of one.
final class CodedActivations {
  let stride: Int
  let values: UnsafeMutableBufferPointer<Float>
  let codes: UnsafeMutableBufferPointer<Int16>
  let groups: UnsafeMutableBufferPointer<pare_group>
  static let group = Int(PARE_GROUP_COLUMNS)

  init(_ x: [[Float]], kernels: Kernels) {
    stride = x[0].count.roundedUp(to: Self.group)
    values = .allocate(capacity: x.count * stride)
    values.initialize(repeating: 0)
    codes = .allocate(capacity: x.count * stride)
    codes.initialize(repeating: 0)
    groups = .allocate(capacity: x.count * stride / Self.group)
    groups.initialize(repeating: pare_group())
    for (t, row) in x.enumerated() {
      for (i, value) in row.enumerated() { values[t * stride + i] = value }
    }
    kernels.table.pointee.quantize(
      values.baseAddress, Int32(values.count), 1, codes.baseAddress, groups.baseAddress)
  }

  deinit {
    values.deallocate()
    codes.deallocate()
    groups.deallocate()
  }

  /// The codes of a batch as kernels want them: `together` tokens' pairs of columns side by side, or as
  /// bytes.
  func codes(from first: Int, tokens: Int, for kernels: Kernels) -> [Int16] {
    let layout = tokens == 1 ? kernels.table.pointee.codes_of_one : kernels.table.pointee.codes_of_many
    if layout == PARE_CODES_AS_BYTES { return bytes(codes[first * stride..<(first + tokens) * stride]) }
    let together = Int(layout)
    var laidOut = [Int16](repeating: 0, count: tokens.roundedUp(to: together) * stride)
    for t in 0..<tokens {
      for column in 0..<stride {
        let pair = (t / together * stride / 2 + column / 2) * together + t % together
        laidOut[2 * pair + column % 2] = codes[(first + t) * stride + column]
      }
    }
    return laidOut
  }

  /// Codes as two signed bytes each, 256 · high + low: of 16 columns the high ones, columns i and i + 8 by
  /// turns, then the low ones so.
  private func bytes(_ codes: Slice<UnsafeMutableBufferPointer<Int16>>) -> [Int16] {
    let codes = Array(codes)
    var bytes = [Int8]()
    for start in Swift.stride(from: 0, to: codes.count, by: 16) {
      let quads = (0..<16).map { codes[start + $0 / 2 + $0 % 2 * 8] }
      let low = quads.map { Int8(truncatingIfNeeded: $0) }
      bytes += zip(quads, low).map { Int8(($0 - Int16($1)) / 256) } + low
    }
    return bytes.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
  }

  /// The values of the codes of a token.
  func decoded(_ token: Int) -> [Double] {
    (0..<stride).map {
      Double(codes[token * stride + $0]) * Double(groups[(token * stride + $0) / Self.group].scale)
    }
  }
}

extension Kernels {
  /// W x for each of `tokens` tokens from `first` on, `tiles` tiles (nil: all) at a time.
  func products(
    _ matrix: PackedMatrix, _ x: CodedActivations, first: Int = 0, tokens: Int, tiles: Int? = nil
  ) -> [[Float]] {
    let stride = matrix.tiles * 16
    var y = [Float](repeating: .nan, count: tokens * stride)
    withUnsafeTemporaryAllocation(byteCount: Int(PARE_PANEL_BYTES), alignment: 64) { panel in
      let codes = x.codes(from: first, tokens: tokens, for: self)
      codes.withUnsafeBufferPointer { codes in
        var view = matrix.view
        var activations = pare_activations(
          codes: codes.baseAddress, groups: x.groups.baseAddress! + first * x.stride / CodedActivations.group,
          values: x.values.baseAddress! + first * x.stride, stride: Int32(x.stride))
        let step = tiles ?? matrix.tiles
        for tile in Swift.stride(from: 0, to: matrix.tiles, by: step) {
          table.pointee.multiply(
            &view, Int32(tile), Int32(min(tile + step, matrix.tiles)), &activations, Int32(tokens), &y,
            stride,
            panel.baseAddress)
        }
      }
    }
    return (0..<tokens).map { Array(y[$0 * stride..<$0 * stride + matrix.rows]) }
  }
}
