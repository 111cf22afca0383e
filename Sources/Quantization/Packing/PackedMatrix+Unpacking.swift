import CKernels
import GGUF

/// Encoded weights in the block types of GGUF files.
extension PackedMatrix {
  /// The type for encoded weights: the one with codes of their kind, else Q8_0, whose error is below half of
  /// a hundredth of the largest of 32 weights. Trellis codes, and scales for 16 weights in rows of any
  /// length, exist in no type that other programs read. F32 where f16, of which all the others' scales are,
  /// may be too narrow.
  public var encodedType: BlockType {
    guard largestWeight * abs(source.scale * source.tensorScale) < 32_768 else { return .f32 }
    guard columns % 32 == 0, !format.isFloat else { return .f16 }
    return switch format {
    case .affine4: .q4_1
    case .affine5: .q5_1
    case .ternary: .q4_0
    default: .q8_0
    }
  }

  /// Appends a row of encoded weights in blocks of a type, its ``MatrixSource/scale`` included.
  ///
  /// - Parameter type: ``encodedType`` or F32.
  public func appendRow(_ row: Int, to bytes: inout [UInt8], as type: BlockType, kernels: Kernels) {
    var block = EncodedBlock(), view = view
    for column in stride(from: 0, to: columns, by: 32) {
      pare_unpack_block(&view, Int32(row), Int32(column / 32), &block.codes, &block.scales, &block.offsets)
      block.append(min(32, columns - column), to: &bytes, as: type, kernels: kernels)
    }
  }
}

/// 32 columns of a row: `scale · code + offset`, with scales of the first 16 and of the second.
private struct EncodedBlock {
  var codes = [Int16](repeating: 0, count: 32)
  var scales: [Float] = [0, 0]
  var offsets: [Float] = [0, 0]

  subscript(column: Int) -> Float { scales[column / 16] * Float(codes[column]) + offsets[column / 16] }

  func append(_ count: Int, to bytes: inout [UInt8], as type: BlockType, kernels: Kernels) {
    func append(half value: Float) {
      var value = value, bits: UInt16 = 0
      kernels.table.pointee.to_half(&value, 1, &bits)
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
    }
    func appendNibbles(zero: Int16) {
      for i in 0..<16 { bytes.append(UInt8((codes[i] + zero) & 15 | ((codes[i + 16] + zero) & 15) << 4)) }
    }
    switch type {
    case .q4_0:
      append(half: scales[0])
      appendNibbles(zero: 8)
    case .q4_1, .q5_1:
      append(half: scales[0])
      append(half: offsets[0])
      if type == .q5_1 {
        for first in stride(from: 0, to: 32, by: 8) {
          bytes.append((0..<8).reduce(0) { $0 | UInt8(codes[first + $1] >> 4) << UInt8($1) })
        }
      }
      appendNibbles(zero: 0)
    case .q8_0:
      let d = (0..<32).reduce(0) { max($0, abs(self[$1])) } / 127
      append(half: d)
      for i in 0..<32 {
        let code = d > 0 && d.isFinite ? min(127, max(-127, (self[i] / d).rounded())) : 0
        bytes.append(UInt8(bitPattern: Int8(code)))
      }
    case .f32:
      for i in 0..<count { withUnsafeBytes(of: self[i].bitPattern.littleEndian) { bytes += $0 } }
    default: for i in 0..<count { append(half: self[i]) }
    }
  }
}
