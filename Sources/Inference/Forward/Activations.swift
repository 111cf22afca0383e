import CKernels
import Quantization

/// The codes that matrix products take of activations.
struct ActivationCoding {
  /// Bits of a code: 15, or 8 or 4.
  let bits: Int32
  /// Whether a whole row has one scale; else each ``Activations/group`` of columns.
  let hasRowScale: Bool

  /// The codes under a plan.
  init(_ plan: Plan, _ model: Model) {
    let chosen = plan.activationBits ?? model.nativeActivationBits
    bits = chosen == 16 ? 15 : Int32(chosen)
    // Ternary models are trained with one scale for a token (arXiv 2402.17764); others lose less with more.
    hasRowScale = bits <= 8 && (model.isTernary || model.architecture.hasSubNorms)
  }

  /// 15 bits: those of the output head, which no paper narrows.
  static let wide = ActivationCoding(bits: 15, hasRowScale: false)

  private init(bits: Int32, hasRowScale: Bool) {
    self.bits = bits
    self.hasRowScale = hasRowScale
  }
}

/// Rows of activations for a batch of tokens: as f32, and as the codes that matrix products take.
struct Activations {
  let values: UnsafeMutablePointer<Float>
  let codes: UnsafeMutablePointer<Int16>
  /// The same of narrow codes, for kernels that take them in two layouts.
  let pairs: UnsafeMutablePointer<Int16>
  let groups: UnsafeMutablePointer<pare_group>
  /// The factors of the sums of tokens, where rows have a scale each.
  let factors: UnsafeMutablePointer<Float>
  /// Columns between tokens: the width, padded to whole groups with zeros.
  let stride: Int

  /// Columns that share a scale.
  static let group = Int(PARE_GROUP_COLUMNS)

  static func allocate(tokens: Int, width: Int) -> Activations {
    let stride = width.roundedUp(to: group)
    return Activations(
      values: allocateZeroed(tokens * stride),
      codes: allocateZeroed(tokens.roundedUp(to: Int(PARE_TOKENS_AT_ONCE)) * stride),
      pairs: allocateZeroed(tokens.roundedUp(to: Int(PARE_TOKENS_AT_ONCE)) * stride),
      groups: allocateZeroed(tokens * stride / group), factors: allocateZeroed(tokens), stride: stride)
  }

  /// Bytes that ``allocate(tokens:width:)`` takes.
  static func byteCount(tokens: Int, width: Int) -> Int {
    let stride = width.roundedUp(to: group)
    return tokens * stride * MemoryLayout<Float>.stride
      + 2 * tokens.roundedUp(to: Int(PARE_TOKENS_AT_ONCE)) * stride * MemoryLayout<Int16>.stride
      + tokens * stride / group * MemoryLayout<pare_group>.stride + tokens * MemoryLayout<Float>.stride
  }

  func deallocate() {
    values.deallocate()
    codes.deallocate()
    pairs.deallocate()
    groups.deallocate()
    factors.deallocate()
  }

  var rows: RowBuffer { RowBuffer(start: values, stride: stride) }

  @inline(__always)
  func row(_ token: Int) -> UnsafeMutablePointer<Float> { values + token * stride }

  /// The rows from `first` on.
  func from(row first: Int) -> Activations {
    Activations(
      values: row(first), codes: codes + first * stride, pairs: pairs + first * stride,
      groups: groups + first * stride / Self.group,
      factors: factors + first, stride: stride)
  }

  /// Makes the codes of `columns` (whole groups; all, where rows have a scale) of a token from its values, where products
  /// will take them: as one of a batch of `count`.
  @inline(__always)
  func quantize(
    token: Int, of count: Int, columns: Range<Int>, _ coding: ActivationCoding,
    _ kernels: UnsafePointer<pare_kernels>
  ) {
    let start = token * stride + columns.lowerBound
    func encode(_ layout: Int32, _ codes: UnsafeMutablePointer<Int16>) {
      factors[token] = kernels.pointee.quantize(
        values + start, Int32(columns.count), coding.bits, coding.hasRowScale ? 1 : 0, layout,
        pare_codes_at(codes, Int32(stride), layout, Int32(token), Int32(columns.lowerBound)),
        groups + start / Self.group)
    }
    encode(pare_codes_layout(kernels, coding.bits, Int32(count)), codes)
    if coding.bits <= 8, kernels.pointee.takes_pairs_too != 0 {
      encode(pare_codes_layout(kernels, 15, Int32(count)), pairs)
    }
  }

  func view(_ coding: ActivationCoding) -> pare_activations {
    pare_activations(
      codes: codes, pairs: pairs, groups: groups, values: values, factors: coding.hasRowScale ? factors : nil,
      stride: Int32(stride), bits: coding.bits)
  }
}
