import Foundation

/// Repeatable random numbers: a 64-bit linear congruential generator, of which the high bits are taken.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  package mutating func next() -> UInt64 {
    func step() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 32
    }
    return step() << 32 | step()
  }

  package mutating func float(_ range: ClosedRange<Float>) -> Float { Float.random(in: range, using: &self) }

  package mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// Standard normal (Box and Muller).
  package mutating func gaussian() -> Float {
    let radius = (-2 * log(Double.random(in: Double.leastNonzeroMagnitude...1, using: &self))).squareRoot()
    return Float(radius * cos(2 * .pi * Double.random(in: 0...1, using: &self)))
  }

  package mutating func gaussians(_ count: Int, scale: Float = 1) -> [Float] {
    (0..<count).map { _ in scale * gaussian() }
  }
}
