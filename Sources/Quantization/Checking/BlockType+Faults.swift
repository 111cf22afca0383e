import GGUF

extension BlockType {
  /// Tallies the faults of blocks of a tensor: NaNs and infinities in values, scales and offsets, which
  /// llama.cpp's `--check-tensors` refuses too, and codes and scales without a meaning.
  ///
  /// - Parameters:
  ///   - data: The whole tensor.
  ///   - blocks: The blocks to look at.
  func faults(in data: UnsafeRawBufferPointer, blocks: Range<Int>) -> FaultTally {
    guard let start = data.baseAddress else { return FaultTally() }
    var scan = BlockScan(first: start, size: bytesPerBlock, blocks: blocks)
    switch self {
    case .i8, .i16, .i32, .i64: break
    case .f32: scan.numbers(UInt32.self, exponent: 0x7F80_0000)
    case .f64: scan.numbers(UInt64.self, exponent: 0x7FF0 << 48)
    case .f16: scan.numbers(UInt16.self, exponent: 0x7C00)
    case .bf16: scan.numbers(UInt16.self, exponent: 0x7F80)
    case .q4_0, .q5_0, .q8_0, .iq4_nl, .iq4_xs, .q1_0, .q2_0, .iq1_s, .iq2_xxs, .iq2_xs, .iq2_s, .iq3_xxs,
      .iq3_s:
      scan.each { $0.scale(at: 0) }
    case .q4_1, .q5_1, .q8_1, .q4_k, .q5_k: scan.each { $0.scale(at: 0) ?? $0.offset(at: 2) }
    case .q2_k: scan.each { $0.scale(at: 80) ?? $0.offset(at: 82) }
    case .q3_k: scan.each { $0.scale(at: 108) }
    case .q6_k: scan.each { $0.scale(at: 208) }
    case .q8_k: scan.each { $0.scale() }
    case .iq1_m: scan.each { $0.scale(bits: UInt64(IQ1.scale($0 + 48)), exponent: 0x7C00) }
    case .tq1_0: scan.each { $0.scale(at: 52) }
    case .tq2_0: scan.each { $0.scale(at: 64) ?? $0.ternaryCodes(64) }
    case .i2_s:
      scan.each { $0.ternaryCodes(32) }
      if blocks.lowerBound == 0 {
        scan.add((start + data.count - bytesPerTensor).scale())
      }
    case .mxfp4: scan.each { $0.byte(0) == 255 ? .exponent : nil }
    case .nvfp4: scan.each { block in (0..<4).contains { block.byte($0) > 0x7E } ? .unsignedScale : nil }
    }
    return scan.tally
  }
}

/// A pass over blocks that tallies their faults.
private struct BlockScan {
  let first: UnsafeRawPointer
  let size: Int
  let blocks: Range<Int>
  private(set) var tally = FaultTally()

  init(first: UnsafeRawPointer, size: Int, blocks: Range<Int>) {
    self.first = first
    self.size = size
    self.blocks = blocks
  }

  @inline(__always)
  mutating func each(_ fault: (UnsafeRawPointer) -> DataFault?) {
    for block in blocks {
      if let fault = fault(first + block &* size) { tally.add(fault, block: block) }
    }
  }

  /// A fault of the tensor as a whole.
  mutating func add(_ fault: DataFault?) {
    if let fault { tally.add(fault, block: nil) }
  }

  /// Tallies the floats whose exponent bits are `exponent`. Counting comes first, since it vectorises; only
  /// blocks with such floats are looked at again.
  @inline(__always)
  mutating func numbers<Bits: FixedWidthInteger & UnsignedInteger>(_ type: Bits.Type, exponent: Bits) {
    var count = 0
    for block in blocks {
      let bits = first.loadUnaligned(fromByteOffset: block &* size, as: Bits.self)
      count &+= bits & exponent == exponent ? 1 : 0
    }
    guard count > 0 else { return }
    each { block in
      switch fault(UInt64(block.loadUnaligned(as: Bits.self)), UInt64(exponent)) {
      case .nan: .nanValue
      case .infinite: .infiniteValue
      case nil: nil
      }
    }
  }
}

private enum FloatFault { case nan, infinite }

/// Whether the bits of a float are those of a NaN or an infinity.
@inline(__always)
private func fault(_ bits: UInt64, _ exponent: UInt64) -> FloatFault? {
  guard bits & exponent == exponent else { return nil }
  // The mantissa is below the exponent's lowest bit.
  return bits & (exponent & (~exponent + 1) - 1) == 0 ? .infinite : .nan
}

extension UnsafeRawPointer {
  @inline(__always)
  fileprivate func scale(bits: UInt64, exponent: UInt64) -> DataFault? {
    switch fault(bits, exponent) {
    case .nan: .nanScale
    case .infinite: .infiniteScale
    case nil: nil
    }
  }

  /// The f32 here as a scale.
  @inline(__always)
  fileprivate func scale() -> DataFault? { scale(bits: UInt64(u32(0)), exponent: 0x7F80_0000) }

  /// The half at `offset` as a scale.
  @inline(__always)
  fileprivate func scale(at offset: Int) -> DataFault? { scale(bits: UInt64(u16(offset)), exponent: 0x7C00) }

  @inline(__always)
  fileprivate func offset(at offset: Int) -> DataFault? {
    switch fault(UInt64(u16(offset)), 0x7C00) {
    case .nan: .nanOffset
    case .infinite: .infiniteOffset
    case nil: nil
    }
  }

  /// Codes of two bits in `count` bytes, a multiple of 8.
  @inline(__always)
  fileprivate func ternaryCodes(_ count: Int) -> DataFault? {
    var both: UInt64 = 0
    for at in stride(from: 0, to: count, by: 8) {
      let word = loadUnaligned(fromByteOffset: at, as: UInt64.self)
      both |= word & word >> 1 & 0x5555_5555_5555_5555
    }
    return both == 0 ? nil : .ternaryCode
  }
}
