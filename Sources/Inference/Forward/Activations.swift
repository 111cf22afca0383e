import CKernels
import Quantization

/// Rows of activations for a batch of tokens: as f32, and as the 15-bit codes that matrix products take.
struct Activations {
  let values: UnsafeMutablePointer<Float>
  let codes: UnsafeMutablePointer<Int16>
  let groups: UnsafeMutablePointer<pare_group>
  /// Columns between tokens: the width, padded to whole groups with zeros.
  let stride: Int

  /// Columns that share a scale.
  static let group = Int(PARE_GROUP_COLUMNS)

  static func allocate(tokens: Int, width: Int) -> Activations {
    let stride = width.roundedUp(to: group)
    return Activations(
      values: allocateZeroed(tokens * stride),
      codes: allocateZeroed(tokens.roundedUp(to: Int(PARE_TOKENS_AT_ONCE)) * stride),
      groups: allocateZeroed(tokens * stride / group), stride: stride)
  }

  /// Bytes that ``allocate(tokens:width:)`` takes.
  static func byteCount(tokens: Int, width: Int) -> Int {
    let stride = width.roundedUp(to: group)
    return tokens * stride * MemoryLayout<Float>.stride
      + tokens.roundedUp(to: Int(PARE_TOKENS_AT_ONCE)) * stride * MemoryLayout<Int16>.stride
      + tokens * stride / group * MemoryLayout<pare_group>.stride
  }

  func deallocate() {
    values.deallocate()
    codes.deallocate()
    groups.deallocate()
  }

  var rows: RowBuffer { RowBuffer(start: values, stride: stride) }

  @inline(__always)
  func row(_ token: Int) -> UnsafeMutablePointer<Float> { values + token * stride }

  /// The rows from `first` on.
  func from(row first: Int) -> Activations {
    Activations(
      values: row(first), codes: codes + first * stride, groups: groups + first * stride / Self.group,
      stride: stride)
  }

  /// Makes the codes of `columns` (whole groups) of a token from its values, where products will take them:
  /// as one of a batch of `count`.
  @inline(__always)
  func quantize(token: Int, of count: Int, columns: Range<Int>, _ kernels: UnsafePointer<pare_kernels>) {
    let start = token * stride + columns.lowerBound
    let layout = count == 1 ? kernels.pointee.codes_of_one : kernels.pointee.codes_of_many
    let together = max(1, Int(layout))
    let place = (token / together * stride + columns.lowerBound) * together + token % together * 2
    kernels.pointee.quantize(
      values + start, Int32(columns.count), layout, codes + place, groups + start / Self.group)
  }

  var view: pare_activations {
    pare_activations(codes: codes, groups: groups, values: values, stride: Int32(stride))
  }
}
