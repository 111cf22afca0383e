/// The value of an IEEE half given by its bits; exact, subnormals, infinities and NaNs included.
///
/// Done on integers because without F16C, which baseline x86-64 lacks, Swift's `Float16` converts by a
/// function call; and without subnormal floats, which are slow and may be flushed to zero.
@inline(__always)
func half(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let magnitude = UInt32(bits & 0x7FFF) << 13
  // Moves the exponent's bias from 15 to 127, and once more where all ones must stay all ones.
  let normal = magnitude &+ 0x3800_0000 &+ (magnitude >= 0x0F80_0000 ? 0x3800_0000 : 0)
  // Below 2^-14: the mantissa becomes that of 2^-14 · 1.m, and taking away 2^-14 normalises.
  let subnormal = (Float(bitPattern: magnitude &+ 0x3880_0000) - 0x1p-14).bitPattern
  return Float(bitPattern: sign | (magnitude < 0x0080_0000 ? subnormal : normal))
}

extension UnsafeRawPointer {
  /// The byte `offset` bytes on.
  @inline(__always)
  func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }

  /// The little-endian number stored `offset` bytes on.
  @inline(__always)
  func u16(_ offset: Int) -> UInt16 {
    UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The little-endian number stored `offset` bytes on.
  @inline(__always)
  func u32(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The half stored `offset` bytes on.
  @inline(__always)
  func half(_ offset: Int) -> Float { Quantization.half(u16(offset)) }
}

/// Where a decoder writes.
typealias Output = UnsafeMutablePointer<Float>
