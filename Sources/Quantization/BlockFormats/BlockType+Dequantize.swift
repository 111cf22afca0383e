import GGUF

extension BlockType {
  /// Decodes whole blocks to f32, bit for bit as the `gguf` Python package and llama.cpp do.
  ///
  /// - Parameters:
  ///   - source: `destination.count` elements as the file holds them, a whole number of blocks. For I2_S
  ///     the whole tensor, since its scale follows the last block.
  ///   - destination: One float for each element. Scales that are NaN or infinite pass through.
  public func dequantize(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableBufferPointer<Float>
  ) {
    let blocks = destination.count / elementsPerBlock
    precondition(
      blocks * elementsPerBlock == destination.count
        && source.count == blocks * bytesPerBlock + bytesPerTensor,
      "\(source.count) bytes are not \(destination.count) elements of \(name)")
    guard blocks > 0, let input = source.baseAddress, let output = destination.baseAddress else { return }
    decoder(input, output, blocks)
  }
}

/// Decodes a number of blocks from raw bytes to floats.
typealias BlockDecoder = (UnsafeRawPointer, Output, Int) -> Void

extension BlockType {
  /// The decoder of the format.
  private var decoder: BlockDecoder {
    switch self {
    case .f32: Plain.f32
    case .f16: Plain.f16
    case .bf16: Plain.bf16
    case .f64: Plain.f64
    case .i8: Plain.i8
    case .i16: Plain.i16
    case .i32: Plain.i32
    case .i64: Plain.i64
    case .q4_0: Legacy.q4_0
    case .q4_1: Legacy.q4_1
    case .q5_0: Legacy.q5_0
    case .q5_1: Legacy.q5_1
    case .q8_0: Legacy.q8_0
    case .q8_1: Legacy.q8_1
    case .q2_k: KQuants.q2_k
    case .q3_k: KQuants.q3_k
    case .q4_k: KQuants.q4_k
    case .q5_k: KQuants.q5_k
    case .q6_k: KQuants.q6_k
    case .q8_k: KQuants.q8_k
    case .iq1_s: IQ1.iq1_s
    case .iq1_m: IQ1.iq1_m
    case .iq2_xxs: IQ2.iq2_xxs
    case .iq2_xs: IQ2.iq2_xs
    case .iq2_s: IQ2.iq2_s
    case .iq3_xxs: IQ3.iq3_xxs
    case .iq3_s: IQ3.iq3_s
    case .iq4_nl: NonLinear.iq4_nl
    case .iq4_xs: NonLinear.iq4_xs
    case .tq1_0: Ternary.tq1_0
    case .tq2_0: Ternary.tq2_0
    case .i2_s: Ternary.i2_s
    case .q1_0: Ternary.q1_0
    case .q2_0: Ternary.q2_0
    case .mxfp4: Microscaling.mxfp4
    case .nvfp4: Microscaling.nvfp4
    }
  }
}
