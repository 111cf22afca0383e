import GGUF

extension VocabularyReader {
  /// The vocabulary, and the token that spells each byte, -1 where there is none.
  func vocabulary(
    _ spellings: [[UInt8]], _ kinds: [TokenKind], byteLevel: Bool
  ) throws(GGUFError) -> (Vocabulary, byteTokens: [Token]) {
    var pieces = Pieces()
    pieces.reserve(tokens: spellings.count, bytes: spellings.count * 8)
    var index = PieceIndex(capacity: spellings.count)
    var byteTokens = [Token](repeating: -1, count: 256)
    for (id, spelling) in spellings.enumerated() {
      let token = Token(id)
      var isText = !spelling.isEmpty
      switch kinds[id] {
      case .normal, .unused:
        pieces.append { bytes in
          if byteLevel {
            // Characters outside the alphabet are no bytes, and text never becomes them.
            isText = ByteLevelAlphabet.decode(spelling[...], into: &bytes) && isText
            if isText { return }
          }
          bytes.append(contentsOf: spelling)
        }
      case .userDefined:
        pieces.append { $0.append(contentsOf: spelling) }
        // Merging makes them too, if their spelling means the same in the alphabet of bytes.
        isText = isText && (!byteLevel || spelling.allSatisfy { (0x21...0x7E).contains($0) })
      case .control, .unknown:
        pieces.append { $0.append(contentsOf: spelling) }
        isText = false
      case .byte:
        let byte = try byte(spelled: spelling, token)
        pieces.append { $0.append(byte) }
        if byteTokens[Int(byte)] < 0 { byteTokens[Int(byte)] = token }
        isText = false
      }
      if isText { index.insert(token, in: pieces) }
    }
    return (Vocabulary(pieces: pieces, kinds: kinds, index: index), byteTokens)
  }

  /// The byte that a spelling such as `<0x0A>` means.
  private func byte(spelled spelling: [UInt8], _ token: Token) throws(GGUFError) -> UInt8 {
    let digits = spelling.dropFirst(3).dropLast()
    guard spelling.count == 6, spelling.starts(with: Array("<0x".utf8)), spelling.last == UInt8(ascii: ">"),
      digits.allSatisfy({ $0 < 0x80 && Unicode.Scalar($0).properties.isASCIIHexDigit }),
      let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    else {
      let name = printable(String(decoding: spelling.prefix(40), as: UTF8.self))
      throw error(
        "tokenizer.ggml.tokens",
        "token \(token) is a byte but is spelled “\(name)”, not <0x00> to <0xFF>: convert the model again")
    }
    return byte
  }

  /// The merges. Those that need a token which the vocabulary lacks can make none, and are left out.
  func merges(_ vocabulary: Vocabulary, byteLevel: Bool) throws(GGUFError) -> MergeTable {
    let key = "tokenizer.ggml.merges"
    var count = 0
    if case .array(let merges)? = metadata[key] { count = merges.count }
    guard count < UInt32.max / 2 else {
      throw error(key, "has too many entries: convert the model again")
    }
    var table = MergeTable(capacity: count)
    var joined: [UInt8] = []
    var merged: Token = -1
    var rank = 0
    let isPresent = try metadata.forEachString(key) { (merge) throws(GGUFError) in
      defer { rank += 1 }
      guard let space = merge.dropFirst().firstIndex(of: 0x20) else {
        let name = printable(String(decoding: merge.prefix(40), as: UTF8.self))
        throw error(
          key, "entry \(rank), “\(name)”, is not two pieces with a space between: convert the model again")
      }
      joined.removeAll(keepingCapacity: true)
      let (left, right) = (merge[..<space], merge[(space + 1)...])
      var split = left.count
      if byteLevel {
        guard ByteLevelAlphabet.decode(left, into: &joined) else { return }
        split = joined.count
        guard ByteLevelAlphabet.decode(right, into: &joined) else { return }
      } else {
        joined.append(contentsOf: left)
        joined.append(contentsOf: right)
      }
      joined.withUnsafeBufferPointer { joined in
        merged = vocabulary.token(of: joined, near: merged)
        let left = vocabulary.token(of: UnsafeBufferPointer(rebasing: joined[..<split]))
        let right = vocabulary.token(of: UnsafeBufferPointer(rebasing: joined[split...]))
        if left >= 0, right >= 0, merged >= 0 {
          table.insert(left, right, Merge(rank: UInt32(rank), into: merged))
        }
      }
    }
    guard isPresent else { throw missing(key) }
    return table
  }

  func specialTokens(_ vocabulary: Vocabulary, chatTemplate: String?) throws(GGUFError) -> SpecialTokens {
    let tokens = vocabulary.kinds.indices.filter { vocabulary.kinds[$0].isSpecial }.map(Token.init)
    try checkSize(of: tokens, "special tokens", in: vocabulary.pieces)
    // Phi-3's tokens swallow the white space after them, which its files do not say.
    let name = (try? metadata.string("general.name"))??.lowercased() ?? ""
    let isPhi3 = name.contains("phi-3") || name.contains("phi3")
    let keep = ["<unk>", "<s>", "<|endoftext|>"].map { Array($0.utf8) }
    let strips = isPhi3 ? tokens.filter { !keep.contains(Array(vocabulary.pieces[$0])) } : []
    // The templates that stand in for a missing one use these pairs.
    let turns = "<|im_start|><|im_end|><start_of_turn><end_of_turn>"
    let own = try? metadata.string("tokenizer.chat_template")  // fails where a prompt is made
    return SpecialTokens(
      tokens: tokens, strips: Set(strips), chatTemplate: chatTemplate ?? own ?? turns,
      pieces: vocabulary.pieces, kinds: vocabulary.kinds)
  }

  /// Refuses tokens that a ``PieceMatcher`` would take too much memory for.
  func checkSize(of tokens: [Token], _ what: String, in pieces: Pieces) throws(GGUFError) {
    let bytes = tokens.reduce(0) { $0 + pieces.range(of: $1).count }
    guard bytes <= PieceMatcher.maximumBytes else {
      throw error(
        "tokenizer.ggml.tokens",
        "has \(bytes) bytes of \(what), more than \(PieceMatcher.maximumBytes): convert the model again")
    }
  }
}
