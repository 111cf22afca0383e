import Foundation
import GGUF

/// Random tensor data in the block formats that weights are stored in.
package enum RandomBlocks {
  package static let types: [BlockType] =
    [.f32, .f16, .bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_k, .q3_k, .q4_k, .q5_k, .q6_k] + rareTypes

  package static let rareTypes: [BlockType] = [
    .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s, .iq3_xxs, .iq3_s, .iq4_nl, .iq4_xs, .tq1_0, .tq2_0, .i2_s,
    .mxfp4,
    .nvfp4, .q1_0, .q2_0,
  ]

  /// `count` elements (whole blocks) of a spread about `scale` around zero, of either sign of scale.
  package static func bytes(
    _ type: BlockType, count: Int, scale: Float, using random: inout SeededGenerator
  ) -> [UInt8] {
    switch type {
    case .f32: return random.gaussians(count, scale: scale).withUnsafeBytes { Array($0) }
    case .f16:
      return random.gaussians(count, scale: scale).map(half).withUnsafeBytes { Array($0) }
    case .bf16:
      let halves = random.gaussians(count, scale: scale).map { UInt16($0.bitPattern >> 16) }
      return halves.withUnsafeBytes { Array($0) }
    default: break
    }
    var bytes: [UInt8] = (0..<count / type.elementsPerBlock * type.bytesPerBlock).map { _ in
      UInt8.random(in: .min ... .max, using: &random)
    }
    for block in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
      putScales(of: type, scale * random.float(0.5...2), at: block, in: &bytes, using: &random)
    }
    if type == .i2_s {  // code 3 has no meaning
      for i in bytes.indices { bytes[i] &= ~(bytes[i] >> 1 & 0x55) }
      bytes += (scale / 0.8).bitPattern.littleEndianBytes + [UInt8](repeating: 0xAA, count: 28)
    }
    return bytes
  }

  private static func putScales(
    of type: BlockType, _ factor: Float, at block: Int, in bytes: inout [UInt8],
    using random: inout SeededGenerator
  ) {
    let sign: Float = Bool.random(using: &random) ? 1 : -1
    switch type {
    case .i2_s: break
    case .mxfp4: bytes[block] = UInt8(128 + Int(log2(factor / 5.4).rounded()))
    case .nvfp4:  // unsigned numbers of 4 bits of exponent, 3 of mantissa
      for i in 0..<4 {
        bytes[block + i] = UInt8(8 * (8 + Int(log2(factor / 5.4).rounded())) + random.int(0...7))
      }
    case .iq1_m:  // a half spread over the top bits of four words
      let d = half(sign * factor / 6.5)
      for i in 0..<4 {
        let top = UInt8(truncatingIfNeeded: d >> UInt16(4 * i) & 15) << 4
        bytes[block + 49 + 2 * i] = bytes[block + 49 + 2 * i] & 15 | top
      }
    default:
      let (d, m) = scales(type)
      put(half(d.factor * factor * sign), at: block + d.offset, in: &bytes)
      if let m { put(half(m.factor * factor * sign), at: block + m.offset, in: &bytes) }
    }
  }

  /// Where a block's f16 scale and offset are, and the values that give random codes unit spread and no mean.
  private static func scales(
    _ type: BlockType
  ) -> (d: (offset: Int, factor: Float), m: (offset: Int, factor: Float)?) {
    switch type {
    case .q4_0: ((0, 1 / 4.6), nil)
    case .q4_1: ((0, 1 / 4.6), (2, -7.5 / 4.6))
    case .q5_0: ((0, 1 / 9.2), nil)
    case .q5_1: ((0, 1 / 9.2), (2, -15.5 / 9.2))
    case .q8_0: ((0, 1 / 74), nil)
    case .q2_k: ((80, 1 / 10), (82, 1.5 / 10))
    case .q3_k: ((108, 1 / 43), nil)
    case .q4_k: ((0, 1 / 166), (2, 7.5 / 166))
    case .q5_k: ((0, 1 / 331), (2, 15.5 / 331))
    case .q6_k: ((208, 1 / 1370), nil)
    case .iq4_nl: ((0, 1 / 69), nil)
    case .iq4_xs: ((0, 1 / 1270), nil)
    case .iq1_s: ((0, 1 / 6.5), nil)
    case .iq2_xxs, .iq2_xs, .iq2_s: ((0, 1 / 62), nil)
    case .iq3_xxs: ((0, 1 / 160), nil)
    case .iq3_s: ((0, 1 / 165), nil)
    case .tq1_0: ((52, 1 / 0.8), nil)
    case .tq2_0: ((64, 1 / 1.2), nil)
    case .q1_0: ((0, 1), nil)
    case .q2_0: ((0, 1 / 1.2), nil)
    default: preconditionFailure("no random blocks of \(type.name)")
    }
  }

  private static func put(_ bits: UInt16, at offset: Int, in bytes: inout [UInt8]) {
    bytes[offset] = UInt8(truncatingIfNeeded: bits)
    bytes[offset + 1] = UInt8(bits >> 8)
  }

  private static func half(_ value: Float) -> UInt16 { Float16(value).bitPattern }
}

extension UInt32 {
  fileprivate var littleEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}
