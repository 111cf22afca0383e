import Foundation
import Inference
import Tokenization

extension InferenceContext {
  /// The logits after each of `sequence`'s tokens, read as one text.
  func allLogits(_ sequence: [Token]) throws -> [[Float]] {
    var logits: [[Float]] = []
    try readAll(sequence) { _, row in logits.append(Array(row)) }
    return logits
  }

  /// The logits after the last of `sequence`'s tokens.
  func lastLogits(_ sequence: [Token]) throws -> [Float] { Array(try read(sequence)) }
}

/// KL(p ‖ q) in nats, of log-probabilities.
func divergence(_ p: some Sequence<Float>, _ q: some Sequence<Double>) -> Double {
  zip(p, q).reduce(0.0) { sum, pair in
    let p = Double(pair.0)
    return sum + exp(p) * (p - pair.1)
  }
}

/// How many floats of two lists differ in their bits, or in being there.
func differences(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Int {
  abs(a.count - b.count) + zip(a, b).count { $0.bitPattern != $1.bitPattern }
}
