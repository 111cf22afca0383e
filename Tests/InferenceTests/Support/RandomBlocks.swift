import GGUF

/// Random tensor data in the block formats that have a packed form of their own.
enum RandomBlocks {
  static let types: [BlockType] = [
    .f32, .f16, .bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_k, .q3_k, .q4_k, .q5_k, .q6_k,
  ]

  /// `count` elements (whole blocks) of a spread about `scale` around zero, of either sign of scale.
  static func bytes(
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
    let (d, m) = scales(type)
    var bytes: [UInt8] = (0..<count / type.elementsPerBlock * type.bytesPerBlock).map { _ in
      UInt8.random(in: .min ... .max, using: &random)
    }
    for block in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
      let factor = scale * random.float(0.5...2) * (Bool.random(using: &random) ? 1 : -1)
      put(half(d.factor * factor), at: block + d.offset, in: &bytes)
      if let m { put(half(m.factor * factor), at: block + m.offset, in: &bytes) }
    }
    return bytes
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
    default: preconditionFailure("no random blocks of \(type.name)")
    }
  }

  private static func put(_ bits: UInt16, at offset: Int, in bytes: inout [UInt8]) {
    bytes[offset] = UInt8(truncatingIfNeeded: bits)
    bytes[offset + 1] = UInt8(bits >> 8)
  }

  private static func half(_ value: Float) -> UInt16 { Float16(value).bitPattern }
}
