extension Tokenizer {
  /// The bytes that a token contributes to a text, which need not be whole characters. None for ids outside
  /// the vocabulary.
  ///
  /// - Parameter special: Whether control tokens, and those that fill up a vocabulary, contribute their
  ///   spelling rather than nothing.
  public func piece(_ token: Token, special: Bool = false) -> [UInt8] {
    guard vocabulary.contains(token) else { return [] }
    let piece = vocabulary.pieces[token]
    switch vocabulary.kinds[Int(token)] {
    case .control, .unknown: return special ? Array(piece) : []
    case .userDefined, .byte: return Array(piece)
    case .unused where !special: return []
    case .normal, .unused:
      if case .byteLevel = encoder { return Array(piece) }
      return CharacterEncoder.unescaped(piece)
    }
  }

  /// The bytes of a text; usually UTF-8, but a model may produce any bytes. The space that encoding put
  /// before the text is left out, so that ``piece(_:special:)`` is the one for single tokens.
  ///
  /// - Parameter special: Whether control tokens contribute their spelling rather than nothing.
  public func decode(_ tokens: some Sequence<Token>, special: Bool = false) -> [UInt8] {
    var text: [UInt8] = []
    var beginsText = true
    for token in tokens {
      let piece = piece(token, special: special)
      text.append(contentsOf: beginsText ? withoutPrefix(piece) : piece[...])
      beginsText = beginsText && piece.isEmpty
    }
    return text
  }

  /// A printable name of a token: its text with line breaks and the like escaped, bytes that are no
  /// characters as `<0xE2>`, control tokens as they are spelled. Spaces stay.
  public func text(of token: Token) -> String {
    guard vocabulary.contains(token) else { return "<\(token)>" }
    var name = ""
    var rest = piece(token, special: true)[...]
    while let first = rest.first {
      let length = max(1, scalarLength(rest))
      let isByte = first >= 0x80 && length == 1
      let scalar = String(decoding: rest.prefix(length), as: UTF8.self)
      name += isByte ? "<0x\(String(first, radix: 16, uppercase: true))>" : printable(scalar)
      rest = rest.dropFirst(length)
    }
    return name
  }

  /// The first piece of a text without the space that encoding put before it.
  func withoutPrefix(_ piece: [UInt8]) -> ArraySlice<UInt8> {
    encoder.addsSpacePrefix && piece.first == 0x20 ? piece.dropFirst() : piece[...]
  }
}
