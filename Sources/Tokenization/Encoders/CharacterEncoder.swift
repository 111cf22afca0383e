/// SentencePiece's byte-pair encoding: spaces are written ▁, the first symbols are characters, and a symbol
/// without a token is spelled in bytes (Kudo & Richardson 2018). Llama's and early Gemma's vocabularies merge
/// the pair of the highest score; Gemma 4 has a list of merges.
struct CharacterEncoder: Sendable {
  enum Ranking: Sendable {
    case scores([Float])
    case merges(MergeTable)
  }

  private let ranking: Ranking
  /// Whether a space is put before a text, and before the text that follows a special token.
  let addsSpacePrefix: Bool
  /// The tokens `<0x00>` to `<0xFF>`, -1 where the vocabulary has none.
  private let byteTokens: [Token]
  private let unknown: Token?
  /// Whether a word may begin at a ▁ that follows this byte: where no token holds the byte before a ▁, no
  /// merge reaches across, and merging word by word gives the same as merging the whole text.
  private let cutsAfter: [Bool]

  init(
    ranking: Ranking, addsSpacePrefix: Bool, byteTokens: [Token], unknown: Token?, pieces: Pieces
  ) {
    self.ranking = ranking
    self.addsSpacePrefix = addsSpacePrefix
    self.byteTokens = byteTokens
    self.unknown = unknown
    cutsAfter = Self.bytesBeforeNoSpace(pieces)
  }

  var needsUTF8: Bool { if case .merges = ranking { true } else { false } }

  /// Appends the tokens of a text.
  /// - Parameter beginsText: whether the text is the first, or follows a special token
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, beginsText: Bool, _ vocabulary: Vocabulary, into tokens: inout [Token]
  ) {
    var escaped: [UInt8] = []
    escaped.reserveCapacity(text.count + text.count / 2 + 3)
    if beginsText, addsSpacePrefix { escaped.append(contentsOf: Self.space) }
    for byte in text {
      if byte == 0x20 { escaped.append(contentsOf: Self.space) } else { escaped.append(byte) }
    }
    var merger = SymbolMerger()
    escaped.withUnsafeBufferPointer { text in
      var start = 0
      for position in 1..<max(1, text.count) where isCut(text, position) {
        encode(text, start..<position, vocabulary, &merger, &tokens)
        start = position
      }
      if start < text.count { encode(text, start..<text.count, vocabulary, &merger, &tokens) }
    }
  }

  /// The text of a token's piece: ▁ is a space.
  static func unescaped(_ piece: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var rest = piece
    while let first = rest.first {
      let isSpace = first == space[0] && rest.starts(with: space)
      result.append(isSpace ? 0x20 : first)
      rest = rest.dropFirst(isSpace ? space.count : 1)
    }
    return result
  }

  private static let space: [UInt8] = [0xE2, 0x96, 0x81]

  private func isCut(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
    switch ranking {
    case .scores: break
    case .merges:
      // Lines and the breaks between them are apart.
      if (text[position] == 0x0A) != (text[position - 1] == 0x0A) { return true }
    }
    return text[position] == 0xE2 && cutsAfter[Int(text[position - 1])] && position + 2 < text.count
      && text[position + 1] == 0x96 && text[position + 2] == 0x81
  }

  private func encode(
    _ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ vocabulary: Vocabulary,
    _ merger: inout SymbolMerger, _ tokens: inout [Token]
  ) {
    if case .merges = ranking, text[word.lowerBound] == 0x0A {
      let breaks = vocabulary.token(of: UnsafeBufferPointer(rebasing: text[word]))
      if breaks >= 0 { return tokens.append(breaks) }
    }
    merger.removeAll()
    var position = word.lowerBound
    while position < word.upperBound {
      let range = position..<min(position + Self.symbolLength(text[position]), word.upperBound)
      merger.append(vocabulary.token(of: UnsafeBufferPointer(rebasing: text[range])), range)
      position = range.upperBound
    }
    switch ranking {
    case .scores(let scores): merger.merge(ByScore(scores: scores, text: text, vocabulary: vocabulary))
    case .merges(let merges): merger.merge(ByRank(merges: merges))
    }
    for index in merger.tokens.indices {
      let token = merger.tokens[index]
      if token >= 0 { tokens.append(token) } else { spell(text[merger.range(index)], &tokens) }
    }
  }

  /// The length of a symbol by its first byte alone, as in llama.cpp: bytes that are not UTF-8 are spelled as
  /// bytes later. No symbol reaches across a space, since words end before it.
  private static func symbolLength(_ first: UInt8) -> Int {
    switch first {
    case 0..<0xC0: 1
    case 0xC0..<0xE0: 2
    case 0xE0..<0xF0: 3
    default: 4
    }
  }

  /// Appends the bytes of a symbol that is no token; the unknown token if the vocabulary cannot spell.
  private func spell(_ symbol: Slice<UnsafeBufferPointer<UInt8>>, _ tokens: inout [Token]) {
    let bytes = symbol.map { byteTokens[Int($0)] }
    if !bytes.contains(-1) { tokens.append(contentsOf: bytes) } else if let unknown { tokens.append(unknown) }
  }

  /// Whether each byte is one that no token has before a ▁.
  private static func bytesBeforeNoSpace(_ pieces: Pieces) -> [Bool] {
    var cuts = [Bool](repeating: true, count: 256)
    for token in 0..<Token(pieces.count) {
      let piece = pieces[token]
      for index in piece.indices.dropFirst()
      where piece[index] == space[0] && piece[index...].starts(with: space) {
        cuts[Int(piece[index - 1])] = false
      }
    }
    return cuts
  }

  private struct ByScore: MergeRanking {
    let scores: [Float]
    let text: UnsafeBufferPointer<UInt8>
    let vocabulary: Vocabulary

    func merge(_ left: Token, _ right: Token, _ range: Range<Int>) -> Merge {
      let token = vocabulary.token(of: UnsafeBufferPointer(rebasing: text[range]))
      return token < 0 ? .none : Merge(score: scores[Int(token)], into: token)
    }
  }

  private struct ByRank: MergeRanking {
    let merges: MergeTable

    func merge(_ left: Token, _ right: Token, _ range: Range<Int>) -> Merge {
      left < 0 || right < 0 ? .none : merges.merge(left, right)
    }
  }
}
