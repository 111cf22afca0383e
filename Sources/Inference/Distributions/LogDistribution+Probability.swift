import Foundation
import Tokenization

extension LogDistribution {
  /// The probability of a token, 0…1.
  public func probability(of token: Token) -> Double { exp(Double(self[token])) }
}
