import Quantization
import Tokenization

/// Mirostat: truncates the distribution so that the surprise of the drawn tokens, in bits, stays near a
/// target.
///
/// Source: "Mirostat: A Neural Text Decoding Algorithm", arXiv 2007.14966; version 2 is its authors' simpler
/// form. It starts, as they do, at twice the target.
struct Mirostat {
  private let options: SamplingOptions
  /// Bounds the surprise; corrected after each draw.
  private(set) var mu: Double
  /// Of the token that was drawn last.
  private(set) var probability = 1.0

  init(_ options: SamplingOptions) {
    self.options = options
    mu = 2 * Double(options.mirostatTau)
  }

  mutating func draw(
    _ candidates: inout Candidates, of logits: UnsafeBufferPointer<Float>, _ random: inout SplitMix64
  ) -> Token? {
    if options.mirostat == 1 {
      candidates.select(top: 100, of: logits)
      guard candidates.count > 0 else { return nil }
      candidates.sort()
      candidates.select(top: tokensToKeep(candidates, of: logits.count), of: logits)
    } else {
      candidates.select(top: logits.count, of: logits)
      guard candidates.count > 0 else { return nil }
      let floor = candidates.weigh(temperature: options.temperature).total * PortableMath.exp2(-mu)
      candidates.keep { $0.weight >= floor }
    }
    let token: Token
    (token, probability) = candidates.draw(temperature: options.temperature, &random)
    let surprise = -PortableMath.log2(probability)
    mu -= Double(options.mirostatEta) * (surprise - Double(options.mirostatTau))
    return token
  }

  /// Version 1: the k of top-k, from a Zipf distribution whose exponent is estimated from the likeliest
  /// tokens.
  private func tokensToKeep(_ likeliest: Candidates, of vocabulary: Int) -> Int {
    var products = 0.0, squares = 0.0
    for (rank, (a, b)) in zip(likeliest.list, likeliest.list.dropFirst()).enumerated() {
      let t = PortableMath.log(Double(rank + 2) / Double(rank + 1))
      let ratio = (Double(a.logit) - Double(b.logit)) / Double(options.temperature)
      guard ratio.isFinite else { break }
      products += t * ratio
      squares += t * t
    }
    let exponent = products / squares
    let epsilon = exponent - 1
    let share = 1 - PortableMath.exp(-epsilon * PortableMath.log(Double(vocabulary)))
    let k = PortableMath.exp(
      PortableMath.log(epsilon * PortableMath.exp2(mu) / share) / exponent)
    // Where the exponent is 0 or 1, or cannot be told, there is no bound.
    return k.isNaN ? vocabulary : Int(min(max(k, 1), Double(vocabulary)))
  }
}
