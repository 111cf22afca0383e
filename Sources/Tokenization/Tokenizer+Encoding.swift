extension Tokenizer {
  /// The tokens of a text, without BOS or EOS.
  ///
  /// Any bytes are allowed. Where they are not UTF-8, byte-pair vocabularies see U+FFFD for each byte that is
  /// not part of a character, and SentencePiece spells the bytes, as in llama.cpp.
  ///
  /// - Parameter parsesSpecial: Whether the spelling of a control token in the text means that token. Leave
  ///   it false for text that a person typed or a model produced.
  public func encode(_ text: some Collection<UInt8>, parsesSpecial: Bool = false) -> [Token] {
    let trust: SpecialTokens.Trust = parsesSpecial ? .markup : .text
    let tokens = text.withContiguousStorageIfAvailable { encode($0, trust) }
    return tokens ?? Array(text).withUnsafeBufferPointer { encode($0, trust) }
  }

  /// The tokens of a text that goes on with another one, so that no space is put before it. The spelling of a control
  /// token does not mean that token.
  public func encode(continuing text: [UInt8]) -> [Token] {
    text.withUnsafeBufferPointer { encode($0, .text, beginsText: false) }
  }

  /// The tokens of a prompt, without BOS or EOS. The runs are one text, and words may reach across their
  /// borders, but control tokens, and the tags of the chat template, are recognised only where they lie in
  /// markup as a whole.
  public func encode(_ runs: [TextRun]) -> [Token] {
    var text: [UInt8] = []
    var markup: [Range<Int>] = []
    for run in runs {
      let start = text.count
      text.append(contentsOf: run.text.utf8)
      guard run.isMarkup else { continue }
      if let last = markup.last, last.upperBound == start {
        markup[markup.count - 1] = last.lowerBound..<text.count
      } else {
        markup.append(start..<text.count)
      }
    }
    return text.withUnsafeBufferPointer { encode($0, .content, markup: markup) }
  }

  private func encode(
    _ text: UnsafeBufferPointer<UInt8>, _ trust: SpecialTokens.Trust, markup: [Range<Int>] = [],
    beginsText: Bool = true
  ) -> [Token] {
    var tokens: [Token] = []
    tokens.reserveCapacity(text.count / 3)
    var search = SpecialTokens.Search(specials, text, trust: trust, markup: markup)
    var position = 0
    var beginsText = beginsText
    while position < text.count {
      let match = search.next(from: position)
      let end = match?.range.lowerBound ?? text.count
      if position < end {
        encode(UnsafeBufferPointer(rebasing: text[position..<end]), beginsText: beginsText, into: &tokens)
      }
      guard let match else { break }
      tokens.append(match.token)
      beginsText = true
      position = match.next
    }
    return tokens
  }

  /// Appends the tokens of a text that holds no special tokens.
  private func encode(_ text: UnsafeBufferPointer<UInt8>, beginsText: Bool, into tokens: inout [Token]) {
    if encoder.needsUTF8, let repaired = repairingUTF8(text) {
      return repaired.withUnsafeBufferPointer { encode($0, beginsText: beginsText, into: &tokens) }
    }
    switch encoder {
    case .byteLevel(let encoder):
      if encoder.preTokenizer.composes, let composed = composingCharacters(of: text) {
        composed.withUnsafeBufferPointer { encoder.encode($0, vocabulary, into: &tokens) }
      } else {
        encoder.encode(text, vocabulary, into: &tokens)
      }
    case .characters(let encoder): encoder.encode(text, beginsText: beginsText, vocabulary, into: &tokens)
    case .wordPieces(let encoder): encoder.encode(text, into: &tokens)
    }
  }
}
