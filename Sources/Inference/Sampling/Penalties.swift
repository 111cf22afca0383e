import Tokenization

/// Penalties on recent tokens: repeat, frequency and presence penalty.
struct Penalties {
  private let options: SamplingOptions
  private var counts: [Token: Int] = [:]

  init(_ options: SamplingOptions) { self.options = options }

  /// The tokens that ``apply(to:recent:)`` saw last.
  var counted: some Sequence<Token> { counts.keys }

  /// Changes the logits [vocabulary] of the tokens in the window at the end of `recent`.
  mutating func apply(to logits: UnsafeMutableBufferPointer<Float>, recent: ArraySlice<Token>) {
    counts.removeAll(keepingCapacity: true)
    for token in recent.suffix(options.repeatWindow) { counts[token, default: 0] += 1 }
    for (token, count) in counts where logits.indices.contains(Int(token)) {
      var logit = logits[Int(token)]
      logit = logit > 0 ? logit / options.repeatPenalty : logit * options.repeatPenalty
      logits[Int(token)] = logit - Float(count) * options.frequencyPenalty - options.presencePenalty
    }
  }
}
