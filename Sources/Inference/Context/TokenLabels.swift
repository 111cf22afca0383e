import Tokenization

/// The printable names of a context's tokens, kept from one report to the next: most tokens stay.
struct TokenLabels {
  private var tokens: [Token] = []
  private var texts: [String] = []

  /// The names of `sequence`, of which only the new ones are made.
  mutating func texts(of sequence: [Token], _ tokenizer: Tokenizer) -> [String] {
    let kept = zip(tokens, sequence).prefix { $0 == $1 }.count
    tokens.replaceSubrange(kept..., with: sequence[kept...])
    texts.replaceSubrange(kept..., with: sequence[kept...].map { tokenizer.text(of: $0) })
    return texts
  }
}
