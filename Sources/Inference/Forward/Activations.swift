import CKernels
import Quantization

/// Rows of activations for a batch of tokens: as f32, and as the 16-bit codes that matrix products take.
struct Activations {
  let values: UnsafeMutablePointer<Float>
  let codes: UnsafeMutablePointer<Int16>
  let groups: UnsafeMutablePointer<pare_group>
  /// Columns between tokens: the width, padded to 32 with zeros.
  let stride: Int

  static func allocate(tokens: Int, width: Int) -> Activations {
    let stride = width.roundedUp(to: Int(PARE_BLOCK_COLUMNS))
    return Activations(
      values: allocateZeroed(tokens * stride), codes: allocateZeroed(tokens * stride),
      groups: allocateZeroed(tokens * stride / Int(PARE_BLOCK_COLUMNS)), stride: stride)
  }

  func deallocate() {
    values.deallocate()
    codes.deallocate()
    groups.deallocate()
  }

  @inline(__always)
  func row(_ token: Int) -> UnsafeMutablePointer<Float> { values + token * stride }

  /// Makes the codes of `columns` (whole groups of 32) of a token from its values.
  @inline(__always)
  func quantize(token: Int, columns: Range<Int>, _ kernels: UnsafePointer<pare_kernels>) {
    let start = token * stride + columns.lowerBound
    kernels.pointee.quantize(
      values + start, Int32(columns.count), codes + start, groups + start / Int(PARE_BLOCK_COLUMNS))
  }

  var view: pare_activations {
    pare_activations(codes: codes, groups: groups, values: values, stride: Int32(stride))
  }
}

/// Memory aligned for the widest vectors, set to zero.
func allocateZeroed<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
  let bytes = max(count, 1) * MemoryLayout<Element>.stride
  let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
  raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
  return raw.assumingMemoryBound(to: Element.self)
}
