/// The value of an IEEE half given by its bits.
///
/// Done on integers because without F16C, which the baseline x86-64 lacks, Swift's `Float16` converts by
/// a function call. Exact for every half, NaNs and subnormals among them.
@inline(__always)
func half(_ bits: UInt16) -> Float {
  let magnitude = UInt32(bits & 0x7FFF) << 13
  let sign = UInt32(bits & 0x8000) << 16
  // Moves the exponent's bias from 15 to 127; the multiplication also normalises subnormals.
  let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
  // An all-ones exponent stays all ones.
  let special: UInt32 = magnitude >= 0x0F80_0000 ? 0x7F80_0000 : 0
  return Float(bitPattern: scaled | special | sign)
}

extension UnsafeRawPointer {
  /// The half stored `offset` bytes on.
  @inline(__always)
  func half(at offset: Int) -> Float {
    Quantization.half(UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
  }

  @inline(__always)
  func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
}
