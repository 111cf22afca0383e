import CKernels
import Foundation
import Quantization
import Tokenization

/// The divergence of a plan's next-token distribution from the baseline's at one position.
public struct Divergence: Sendable, Hashable {
  /// KL(baseline ‖ plan) in nats; infinite where the plan excludes what the baseline does not, NaN where one
  /// of the two is no distribution.
  public var kl: Double
  /// Jensen–Shannon divergence in nats, at most ln 2.
  public var js: Double
  /// Whether both have the same likeliest token.
  public var sameTop: Bool

  /// 1 where ``sameTop``, else 0; NaN where one of the two is no distribution and so has no top.
  public var sameTopShare: Double { kl.isNaN ? .nan : sameTop ? 1 : 0 }
}

extension Divergence {
  /// Compares two distributions over the same vocabulary.
  public init(baseline: LogDistribution, plan: LogDistribution) {
    precondition(baseline.count == plan.count, "distributions over different vocabularies")
    guard baseline.isFinite, plan.isFinite else {
      (self.kl, self.js, self.sameTop) = (.nan, .nan, false)
      return
    }
    var kl = 0.0, js = 0.0
    for token in 0..<Token(baseline.count) {
      let p = Double(baseline[token]), q = Double(plan[token])
      // Equal terms are 0, which rounding would not make them.
      if p == q { continue }
      let expP = exp(p), expQ = exp(q)
      if expP > 0 { kl += expP * (p - q) }
      let mean = (expP + expQ) / 2
      guard mean > 0 else { continue }
      let logMean = log(mean)
      if expP > 0 { js += 0.5 * expP * (p - logMean) }
      if expQ > 0 { js += 0.5 * expQ * (q - logMean) }
    }
    self.kl = kl.clampedBelow
    self.js = js.clampedBelow
    sameTop = baseline.likeliest == plan.likeliest
  }
}

extension FloatingPoint {
  /// 0 for what rounding made negative; what is no number stays so, which `max(0, self)` would turn into 0.
  var clampedBelow: Self { self < 0 ? 0 : self }
}
