import Foundation

/// Log-probabilities in nats of logits, in double precision.
package func logSoftmax(_ logits: some Collection<Float>) -> [Double] {
  let peak = Double(logits.max()!)
  let total = logits.reduce(0.0) { $0 + exp(Double($1) - peak) }
  return logits.map { Double($0) - peak - log(total) }
}
