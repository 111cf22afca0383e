/// exp and log from additions, multiplications and divisions alone, each rounded as IEEE 754 says.
///
/// Those of C libraries differ in the last bit, which is enough to draw another token. These have errors of a
/// few units in the last place, and are the same on every machine.
enum PortableMath {
  private static let ln2 = 0.693147180559945309

  /// eˣ; 0 where it would be subnormal.
  static func exp(_ x: Double) -> Double {
    guard x > -708 else { return x.isNaN ? x : 0 }
    guard x < 709 else { return x.isNaN ? x : .infinity }
    // x = k ln 2 + r with |r| ≤ ln 2 / 2; adding and taking away 1.5 · 2⁵² rounds to a whole number.
    let k = (x * 1.4426950408889634 + 0x1.8p52) - 0x1.8p52
    // ln 2 in two parts, the first short enough that its product with k is exact.
    let r = (x - k * 0.693147180369123816) - k * 1.90821492927058770e-10
    var sum = 1.0 / 6_227_020_800
    sum = sum * r + 1.0 / 479_001_600
    sum = sum * r + 1.0 / 39_916_800
    sum = sum * r + 1.0 / 3_628_800
    sum = sum * r + 1.0 / 362_880
    sum = sum * r + 1.0 / 40_320
    sum = sum * r + 1.0 / 5_040
    sum = sum * r + 1.0 / 720
    sum = sum * r + 1.0 / 120
    sum = sum * r + 1.0 / 24
    sum = sum * r + 1.0 / 6
    sum = sum * r + 0.5
    sum = sum * r + 1
    sum = sum * r + 1
    return sum * Double(bitPattern: UInt64(Int(k) + 1023) << 52)
  }

  /// Natural logarithm.
  static func log(_ x: Double) -> Double {
    guard x > 0, x < .infinity else { return x == 0 ? -.infinity : x > 0 ? x : .nan }
    var exponent = Double(x.exponent)
    var mantissa = x.significand
    if mantissa > 1.4142135623730951 {
      mantissa /= 2
      exponent += 1
    }
    // ln m = 2 artanh s, s = (m − 1) / (m + 1), |s| < 0.172.
    let s = (mantissa - 1) / (mantissa + 1)
    var sum = 0.0
    for power in stride(from: 21.0, through: 1, by: -2) { sum = sum * (s * s) + 1 / power }
    return exponent * ln2 + 2 * s * sum
  }

  static func log2(_ x: Double) -> Double { log(x) / ln2 }

  static func exp2(_ x: Double) -> Double { exp(x * ln2) }

  /// `base` to a whole power, by squaring.
  static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0, square = base, rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
