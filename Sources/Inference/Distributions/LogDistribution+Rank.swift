import Tokenization

extension LogDistribution {
  /// The place of a token among all, the likeliest first, counted from 1; of equals the lower id comes first.
  /// nil where this is no distribution.
  public func rank(of token: Token) -> Int? {
    guard isFinite else { return nil }
    let own = logits[Int(token)]
    var rank = 1
    for index in logits.indices where logits[index] > own || logits[index] == own && index < Int(token) {
      rank += 1
    }
    return rank
  }
}
