extension Tokenizer {
  /// How the vocabulary of another tokenizer differs, in a few words; nil where each token has the same bytes in
  /// both, so that a sequence of tokens is the same text.
  ///
  /// - Parameters: What the two are called in the words.
  public func difference(from other: Tokenizer, names: (own: String, other: String)) -> String? {
    guard vocabularySize == other.vocabularySize else {
      return "\(names.own) has \(vocabularySize) tokens, \(names.other) \(other.vocabularySize)"
    }
    func bytes(_ tokenizer: Tokenizer, _ token: Token) -> [UInt8] { tokenizer.piece(token, special: true) }
    for token in 0..<Token(vocabularySize) where bytes(self, token) != bytes(other, token) {
      return
        "token \(token) is “\(text(of: token))” in \(names.own), “\(other.text(of: token))” in \(names.other)"
    }
    return nil
  }
}
