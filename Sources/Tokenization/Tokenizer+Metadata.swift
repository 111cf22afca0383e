import GGUF

extension Tokenizer {
  /// Reads the tokenizer of a model from its file's metadata: the keys that begin with `tokenizer.`.
  ///
  /// - Throws: an error that names the key, for a kind of tokenizer or a pre-tokenizer that is not known, and
  ///   for a vocabulary that contradicts itself.
  public convenience init(metadata: Metadata) throws(GGUFError) {
    let reader = VocabularyReader(metadata: metadata)
    let model = try reader.model()
    let preTokenizer = try model == .byteLevel ? reader.preTokenizer() : nil
    let spellings = try reader.spellings()
    var kinds = try reader.kinds(count: spellings.count)

    var bos = try reader.token("bos", count: spellings.count)
    var eos = try reader.token("eos", count: spellings.count)
    var unknown = try reader.token("unknown", count: spellings.count)
    if model == .sentencePiece, spellings.count > 2 {
      unknown = unknown ?? 0
      bos = bos ?? 1
      eos = eos ?? 2
    }
    var endOfGeneration = KnownSpellings.apply(spellings, to: &kinds)
    for token in try [
      eos, reader.token("eot", count: spellings.count), reader.token("eom", count: spellings.count),
    ] {
      if let token { endOfGeneration.insert(token) }
    }

    let (vocabulary, byteTokens) = try reader.vocabulary(spellings, kinds, byteLevel: model == .byteLevel)
    let encoder: Encoder
    if let preTokenizer {
      let merges = try reader.merges(vocabulary, byteLevel: true)
      encoder = .byteLevel(
        ByteLevelEncoder(preTokenizer: preTokenizer, merges: merges, vocabulary: vocabulary))
    } else {
      let ranking: CharacterEncoder.Ranking =
        try model == .sentencePiece
        ? .scores(reader.scores(count: spellings.count))
        : .merges(reader.merges(vocabulary, byteLevel: false))
      let addsSpacePrefix = try reader.bool("add_space_prefix") ?? true
      encoder = .characters(
        CharacterEncoder(
          ranking: ranking, addsSpacePrefix: addsSpacePrefix && model == .sentencePiece,
          byteTokens: byteTokens, unknown: unknown, pieces: vocabulary.pieces))
    }

    // Llama 3's and Mistral's files do not always say that they want BOS; Gemma 4's say wrongly that they do not.
    let addsBOS = try reader.bool("add_bos_token") ?? preTokenizer?.addsBOS ?? true
    let addsEOS = try reader.bool("add_eos_token") ?? false
    self.init(
      vocabulary: vocabulary, encoder: encoder, specials: try reader.specialTokens(vocabulary),
      endOfGeneration: endOfGeneration, bos: bos, eos: eos,
      addsBOS: (addsBOS || model == .gemma4) && bos != nil, addsEOS: addsEOS && eos != nil)
  }
}
