import GGUF

extension Tokenizer {
  /// Reads the tokenizer of a model from its file's metadata: the keys that begin with `tokenizer.`.
  ///
  /// - Parameter chatTemplate: Replaces the file's chat template, whose tags are markup.
  /// - Throws: ``GGUFError`` that names the key, for a kind of tokenizer or a pre-tokenizer that is not
  ///   known, and for a vocabulary that contradicts itself. What a chat alone needs is no reason; see
  ///   ``remarks``.
  public convenience init(metadata: Metadata, chatTemplate: String? = nil) throws(GGUFError) {
    var reader = VocabularyReader(metadata: metadata)
    let model = try reader.model()
    let spellings = try reader.spellings()
    var kinds = try reader.kinds(count: spellings.count)

    func token(_ name: String, orSentencePieces standard: Token) -> Token? {
      let isStandard = model == .sentencePiece && spellings.count > 2
      return reader.token(name, count: spellings.count, standard: isStandard ? standard : nil)
    }
    var bos = token("bos", orSentencePieces: 1)
    let eos = token("eos", orSentencePieces: 2), unknown = token("unknown", orSentencePieces: 0)
    if model == .wordPiece, bos == nil { bos = reader.token("cls", count: spellings.count) }
    var endOfGeneration = KnownSpellings.apply(spellings, to: &kinds)
    for token in [
      eos, reader.token("eot", count: spellings.count), reader.token("eom", count: spellings.count),
    ] {
      if let token { endOfGeneration.insert(token) }
    }

    let (vocabulary, byteTokens) = try reader.vocabulary(spellings, kinds, byteLevel: model == .byteLevel)
    let encoder = try reader.encoder(for: model, vocabulary, byteTokens: byteTokens, unknown: unknown)

    // Llama 3's and Mistral's files do not always say that they want BOS; Gemma 4's say wrongly that they do
    // not.
    let addsBOS = reader.optionalBool("add_bos_token") ?? encoder.addsBOS
    let addsEOS = reader.optionalBool("add_eos_token") ?? false
    let suppressed = reader.suppressedTokens(count: spellings.count)
    self.init(
      vocabulary: vocabulary, encoder: encoder,
      specials: try reader.specialTokens(vocabulary, chatTemplate: chatTemplate),
      endOfGeneration: endOfGeneration, suppressed: suppressed, remarks: reader.remarks, bos: bos, eos: eos,
      addsBOS: (addsBOS || model == .gemma4) && bos != nil, addsEOS: addsEOS && eos != nil)
  }
}

extension VocabularyReader {
  fileprivate func encoder(
    for model: Model, _ vocabulary: Vocabulary, byteTokens: [Token], unknown: Token?
  ) throws(GGUFError) -> Tokenizer.Encoder {
    func characters(_ ranking: CharacterEncoder.Ranking, addsSpacePrefix: Bool) -> Tokenizer.Encoder {
      .characters(
        CharacterEncoder(
          ranking: ranking, addsSpacePrefix: addsSpacePrefix, byteTokens: byteTokens, unknown: unknown,
          pieces: vocabulary.pieces))
    }
    switch model {
    case .byteLevel:
      return try .byteLevel(
        ByteLevelEncoder(
          preTokenizer: preTokenizer(), merges: merges(vocabulary, byteLevel: true), vocabulary: vocabulary))
    case .sentencePiece:
      return try characters(
        .scores(scores(count: vocabulary.pieces.count)), addsSpacePrefix: bool("add_space_prefix") ?? true)
    case .gemma4: return try characters(.merges(merges(vocabulary, byteLevel: false)), addsSpacePrefix: false)
    case .wordPiece:
      guard let unknown else { throw missing("tokenizer.ggml.unknown_token_id") }
      let lowercases = try bool("normalizer.lowercase") ?? true
      let tokens = vocabulary.textTokens
      try checkSize(of: tokens, "pieces", in: vocabulary.pieces)
      return try .wordPieces(
        WordPieceEncoder(
          lowercases: lowercases, stripsAccents: bool("normalizer.strip_accents") ?? lowercases,
          unknown: unknown, tokens: tokens, pieces: vocabulary.pieces))
    }
  }
}
