import Synchronization

/// The size of weights, and scales that are wide enough for it.
extension PackedMatrix {
  /// The largest size of a weight that was encoded, ``MatrixSource/scale`` aside; infinite where one is no
  /// finite number. 0 where the file's blocks were kept, and before packing.
  public var largestWeight: Float {
    Float(bitPattern: largest.load(ordering: .relaxed)) * Float.power(ofTwo: exponent)
  }

  /// Whether scales had to be made wider for the weights.
  public var isWidened: Bool { exponent != 0 }

  /// Weights below fit every format: the narrowest, of 2 bits, holds an offset of 959 at most.
  private static let largestUnwidened: Float = 256

  /// The same matrix with scales that are wide enough, still to be packed; nil where they were, and where no
  /// scale would be.
  ///
  /// Scales are f16 numbers. Weights are encoded as multiples of a power of two, by which products are
  /// multiplied again: the codes are those that scales of f32 would have.
  public func widened() throws(MemoryError) -> PackedMatrix? {
    let size = largestWeight
    guard exponent == 0, size > Self.largestUnwidened, size.isFinite, format != .f32 else { return nil }
    return try PackedMatrix(
      source, format: format, rotation: rotation, exponent: Int(size.exponent) - 6)
  }
}

extension Float {
  /// 2^`exponent`, exactly.
  static func power(ofTwo exponent: Int) -> Float {
    Float(sign: .plus, exponent: exponent, significand: 1)
  }
}
