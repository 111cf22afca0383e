import Foundation
import GGUF

/// The scaling of rotary position embeddings beyond the context of the first training.
public struct RopeScaling: Sendable, Hashable {
  /// The divisor of positions; 1 for none.
  public var factor: Double = 1
  /// The factor of cosines and sines.
  public var magnitude: Double = 1
  /// Scaling by pairs of different speed; nil for the same factor for all.
  public var yarn: YaRN?
  /// Positions of the first training; beyond them the long factors of `rope_factors_long` hold.
  public var originalContext: Int

  /// YaRN (arXiv 2309.00071): fast pairs keep their angle, slow ones are scaled, those between are
  /// interpolated.
  public struct YaRN: Sendable, Hashable {
    /// Turns over the original context above which a pair is fast, and below which it is slow.
    public var fast: Double = 32
    public var slow: Double = 1
  }

  /// No scaling.
  init(originalContext: Int) { self.originalContext = originalContext }

  init(_ keys: KeyReader, trainedContext: Int) throws {
    originalContext = try keys.integer(
      "rope.scaling.original_context_length", in: 1...100_000_000, default: trainedContext)
    magnitude = try keys.number("rope.scaling.attn_factor") ?? 1
    // Converters write the factor without a type for linear scaling.
    let type = try keys.metadata.string(keys.prefix + "rope.scaling.type") ?? "linear"
    guard ["none", "linear", "yarn", "longrope"].contains(type) else {
      throw keys.error(
        "rope.scaling.type",
        "is \(GGUFError.quote(type)); the supported ones are none, linear, yarn and longrope")
    }
    if type != "none" {
      let written = try keys.number("rope.scaling.factor") ?? keys.number("rope.scale_linear") ?? 0
      factor = written == 0 ? 1 : written
    }
    guard factor > 0, magnitude > 0 else {
      throw keys.error("rope.scaling.factor", "and attn_factor must be positive")
    }
    if type == "yarn" {
      var yarn = YaRN()
      yarn.fast = try keys.number("rope.scaling.yarn_beta_fast") ?? yarn.fast
      yarn.slow = try keys.number("rope.scaling.yarn_beta_slow") ?? yarn.slow
      self.yarn = yarn
      let wanted = Self.magnitude(factor, try keys.number("rope.scaling.yarn_log_multiplier") ?? 0)
      magnitude *= Self.magnitude(factor, 1) / wanted
    }
  }

  /// YaRN's 0.1 · m · ln s + 1.
  private static func magnitude(_ factor: Double, _ multiplier: Double) -> Double {
    factor <= 1 ? 1 : 0.1 * multiplier * log(factor) + 1
  }

  /// The angle per position of each pair.
  ///
  /// - Parameter divisors: Divide the angles, one for each pair; nil for none.
  func frequencies(base: Double, pairs: Int, divisors: [Float]?) -> [Double] {
    (0..<pairs).map { pair in
      let angle = pow(base, -Double(pair) / Double(pairs)) / Double(divisors?[pair] ?? 1)
      let mix = yarn.map { keep(pair, base: base, pairs: pairs, $0) } ?? 0
      return angle * ((1 - mix) / factor + mix)
    }
  }

  /// The weight of a pair's own angle under YaRN: 1 for fast pairs, 0 for slow ones.
  private func keep(_ pair: Int, base: Double, pairs: Int, _ yarn: YaRN) -> Double {
    func pairTurning(_ turns: Double) -> Double {
      Double(pairs) * log(Double(originalContext) / (turns * 2 * .pi)) / log(base)
    }
    let low = max(0, pairTurning(yarn.fast).rounded(.down))
    let high = min(Double(2 * pairs - 1), pairTurning(yarn.slow).rounded(.up))
    return 1 - min(1, max(0, (Double(pair) - low) / max(0.001, high - low)))
  }
}
