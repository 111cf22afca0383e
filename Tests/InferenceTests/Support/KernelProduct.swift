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

  /// The factors of the sums of tokens; nil where groups have scales.
  let factors: [Float]?
  let bits: Int32

  init(_ x: [[Float]], bits: Int32 = 15, hasFactors: Bool = false, kernels: Kernels) {
    self.bits = bits
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
    var factors: [Float] = []
    for t in x.indices {
      factors.append(
        kernels.table.pointee.quantize(
          values.baseAddress! + t * stride, Int32(stride), bits, hasFactors ? 1 : 0, 1,
          codes.baseAddress! + t * stride, groups.baseAddress! + t * stride / Self.group))
    }
    self.factors = hasFactors ? factors : nil
  }

  deinit {
    values.deallocate()
    codes.deallocate()
    groups.deallocate()
  }

  /// The codes of a batch as kernels want them: pairs, or quads of bytes, of several tokens side by side, or two bytes
  /// each.
  func codes(from first: Int, tokens: Int, layout: Int32) -> [Int16] {
    if layout == PARE_CODES_AS_BYTES { return bytes(codes[first * stride..<(first + tokens) * stride]) }
    let together = Int(pare_tokens_together(layout))
    var laidOut = [Int16](repeating: 0, count: tokens.roundedUp(to: together) * stride)
    for t in 0..<tokens {
      let row = t / together * together * stride
      for column in 0..<stride {
        let code = codes[(first + t) * stride + column]
        guard layout >= PARE_CODES_AS_QUADS else {
          laidOut[row + 2 * (column / 2 * together + t % together) + column % 2] = code
          continue
        }
        // Of 16 columns, columns i and i + 8 by turns.
        let place = column / 16 * 16 + column % 8 * 2 + column / 8 % 2
        let added: Int16 = layout >= PARE_CODES_AS_UNSIGNED_QUADS ? 128 : 0
        laidOut.withUnsafeMutableBytes {
          $0[2 * row + 4 * (place / 4 * together + t % together) + place % 4] =
            UInt8(truncatingIfNeeded: code + added)
        }
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
        * Double(factors?[token] ?? 1)
    }
  }
}

extension Kernels {
  /// W x for each of `tokens` tokens from `first` on, `tiles` tiles (nil: all) at a time.
  func products(
    _ matrix: PackedMatrix, _ x: CodedActivations, first: Int = 0, tokens: Int, tiles: Int? = nil
  ) -> [[Float]] {
    let stride = matrix.tiles * 16, y = products(matrix.view, x, first: first, tokens: tokens, tiles: tiles)
    return (0..<tokens).map { Array(y[$0 * stride..<$0 * stride + matrix.rows]) }
  }

  /// [token][row], rows padded to whole tiles.
  func products(
    _ matrix: pare_matrix, _ x: CodedActivations, first: Int = 0, tokens: Int, tiles: Int? = nil
  ) -> [Float] {
    let stride = Int(matrix.rows).roundedUp(to: 16), all = stride / 16, count = Int32(tokens)
    var y = [Float](repeating: .nan, count: tokens * stride)
    withUnsafeTemporaryAllocation(byteCount: Int(PARE_PANEL_BYTES), alignment: 64) { panel in
      let codes = x.codes(from: first, tokens: tokens, layout: pare_codes_layout(table, x.bits, count))
      let pairs =
        table.pointee.takes_pairs_too == 0
        ? [] : x.codes(from: first, tokens: tokens, layout: pare_codes_layout(table, 15, count))
      let factors = x.factors.map { Array($0[first..<first + tokens]) } ?? []
      var matrix = matrix
      codes.withUnsafeBufferPointer { codes in
        pairs.withUnsafeBufferPointer { pairs in
          factors.withUnsafeBufferPointer { factors in
            var activations = pare_activations(
              codes: codes.baseAddress, pairs: pairs.baseAddress,
              groups: x.groups.baseAddress! + first * x.stride / CodedActivations.group,
              values: x.values.baseAddress! + first * x.stride,
              factors: x.factors == nil ? nil : factors.baseAddress, stride: Int32(x.stride), bits: x.bits)
            let step = tiles ?? all
            for tile in Swift.stride(from: 0, to: all, by: step) {
              pare_multiply(
                table, &matrix, Int32(tile), Int32(min(tile + step, all)), &activations, count, &y, stride,
                panel.baseAddress)
            }
          }
        }
      }
    }
    return y
  }
}
