/// Byte-level byte-pair encoding: words of bytes, merged by rank (Sennrich et al. 2016; Radford et al. 2019).
struct ByteLevelEncoder: Sendable, MergeRanking {
  let preTokenizer: PreTokenizer
  private let merges: MergeTable
  /// The token of each byte, -1 where the vocabulary has none.
  private let byteTokens: [Token]

  /// - Parameter merges: the pairs to merge, in order of rank, with the tokens they make
  init(preTokenizer: PreTokenizer, merges: MergeTable, vocabulary: Vocabulary) {
    self.preTokenizer = preTokenizer
    self.merges = merges
    byteTokens = (0...255).map { byte in
      withUnsafeBytes(of: UInt8(byte)) { vocabulary.token(of: $0.assumingMemoryBound(to: UInt8.self)) }
    }
  }

  /// Appends the tokens of a text that is valid UTF-8.
  func encode(_ text: UnsafeBufferPointer<UInt8>, _ vocabulary: Vocabulary, into tokens: inout [Token]) {
    var merger = SymbolMerger()
    preTokenizer.forEachWord(in: TextScanner(text)) { word in
      if preTokenizer.keepsWholeWords {
        let token = vocabulary.token(of: UnsafeBufferPointer(rebasing: text[word]))
        if token >= 0 { return tokens.append(token) }
      }
      merger.removeAll()
      for position in word {
        // A byte without a token is dropped before merging, as Hugging Face's tokenizers do: vocabularies
        // lack only bytes that cannot occur in UTF-8 and a few control characters.
        let token = byteTokens[Int(text[position])]
        if token >= 0 { merger.append(token, position..<position + 1) }
      }
      merger.merge(self)
      tokens.append(contentsOf: merger.tokens)
    }
  }

  @inline(__always)
  func merge(_ left: Token, _ right: Token, _ text: Range<Int>) -> Merge { merges.merge(left, right) }
}
