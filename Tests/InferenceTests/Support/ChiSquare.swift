import Foundation
import Testing

/// Checks counts of draws against probabilities: nothing impossible was drawn, and Pearson's χ² stays below
/// what one seed in a thousand exceeds (Wilson and Hilferty's approximation).
func expectDrawn(_ drawn: [Int], from probabilities: [Double], _ name: Comment) {
  let count = Double(drawn.reduce(0, +))
  var chiSquare = 0.0, freedom = -1.0
  for (drawn, probability) in zip(drawn, probabilities) {
    if probability == 0 {
      #expect(drawn == 0, name)
      continue
    }
    let mean = count * probability
    chiSquare += (Double(drawn) - mean) * (Double(drawn) - mean) / mean
    freedom += 1
  }
  let z = 3.09, spread = 2 / (9 * max(freedom, 1))
  #expect(chiSquare < max(freedom, 1) * pow(1 - spread + z * spread.squareRoot(), 3), name)
}
