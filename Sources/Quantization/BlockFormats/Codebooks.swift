import GGUF

/// The codebooks of the IQ formats: small sets of points whose values are looked up together.
///
/// A point is a word with a value in each byte, the first in the lowest: 8 values for IQ1 and IQ2, 4 for
/// IQ3.
enum Codebooks {
  static let iq1: [UInt64] = points(iq1Text, values: [0xFF, 0, 1])
  static let iq2XXS: [UInt64] = points(iq2XXSText, values: [8, 25, 43])
  static let iq2XS: [UInt64] = points(iq2XSText, values: [8, 25, 43])
  static let iq2S: [UInt64] = points(iq2SText, values: [8, 25, 43])
  static let iq3XXS: [UInt32] = points(iq3XXSText, values: [4, 12, 20, 28, 36, 44, 52, 62])
  static let iq3S: [UInt32] = points(iq3SText, values: [1, 3, 5, 7, 9, 11, 13, 15])

  /// Reads a table in which two characters, each a number of digits that choose a value, make a point.
  private static func points<Point: FixedWidthInteger>(_ text: String, values: [UInt8]) -> [Point] {
    let characters = text.utf8.filter { $0 >= UInt8(ascii: "(") }
    let size = MemoryLayout<Point>.size
    return stride(from: 0, to: characters.count, by: 2).map { start in
      var point: Point = 0
      for position in 0..<size {
        var digits = Int(characters[start + position / (size / 2)] - UInt8(ascii: "("))
        for _ in 0..<position % (size / 2) { digits /= values.count }
        point |= Point(values[digits % values.count]) << (8 * Point(position))
      }
      return point
    }
  }

  /// Eight signs chosen by seven bits: the eighth makes the number of minus signs even.
  @inline(__always)
  static func evenSigns(_ index: UInt32) -> UInt8 {
    let bits = UInt8(truncatingIfNeeded: index & 127)
    return bits | UInt8(truncatingIfNeeded: bits.nonzeroBitCount) << 7
  }

  /// d times the 8 bytes of a point (or of two), negative where the bit of `signs` is set.
  @inline(__always)
  static func expand(_ point: UInt64, _ signs: UInt8, _ d: Float, _ y: Output) {
    for k in 0..<8 {
      let value = d * Float(Int32(truncatingIfNeeded: point &>> UInt64(8 &* k) & 0xFF))
      let sign = UInt32(signs &>> UInt8(truncatingIfNeeded: k) & 1) << 31
      y[k] = Float(bitPattern: value.bitPattern ^ sign)
    }
  }
}

extension BlockType {
  /// Calls `body` with the points of the type's codebook, values side by side; with nil where it has none.
  func withCodebook<Result>(_ body: (UnsafeRawPointer?) -> Result) -> Result {
    switch self {
    case .iq1_s, .iq1_m: Codebooks.iq1.withUnsafeBytes { body($0.baseAddress) }
    case .iq2_xxs: Codebooks.iq2XXS.withUnsafeBytes { body($0.baseAddress) }
    case .iq2_xs: Codebooks.iq2XS.withUnsafeBytes { body($0.baseAddress) }
    case .iq2_s: Codebooks.iq2S.withUnsafeBytes { body($0.baseAddress) }
    case .iq3_xxs: Codebooks.iq3XXS.withUnsafeBytes { body($0.baseAddress) }
    case .iq3_s: Codebooks.iq3S.withUnsafeBytes { body($0.baseAddress) }
    default: body(nil)
    }
  }
}
