import GGUF

/// The tokenizer's part of a model file's metadata, checked.
struct VocabularyReader {
  let metadata: Metadata
  /// Keys that a chat alone needs, and that are left out because what they say cannot be: one line each.
  private(set) var remarks: [String] = []

  init(metadata: Metadata) { self.metadata = metadata }

  enum Model: String, CaseIterable {
    case byteLevel = "gpt2"
    case sentencePiece = "llama"
    case gemma4
    case wordPiece = "bert"
  }

  func model() throws(GGUFError) -> Model {
    let key = "tokenizer.ggml.model"
    guard let name = try metadata.string(key) else { throw missing(key) }
    guard let model = Model(rawValue: name) else {
      let known = Model.allCases.map(\.rawValue).joined(separator: ", ")
      throw error(key, "unknown kind of tokenizer “\(printable(name))”: use a model with one of \(known)")
    }
    return model
  }

  func preTokenizer() throws(GGUFError) -> PreTokenizer {
    let key = "tokenizer.ggml.pre"
    guard let name = try metadata.string(key) else { return .default }
    guard let preTokenizer = PreTokenizer(named: name) else {
      let known = PreTokenizer.names.joined(separator: ", ")
      throw error(key, "unknown pre-tokenizer “\(printable(name))”: use a model with one of \(known)")
    }
    return preTokenizer
  }

  /// The spelling of every token.
  func spellings() throws(GGUFError) -> [[UInt8]] {
    let key = "tokenizer.ggml.tokens"
    guard let tokens = try metadata.strings(key) else { throw missing(key) }
    guard !tokens.isEmpty else { throw error(key, "the vocabulary is empty: convert the model again") }
    guard tokens.count < Token.max, tokens.reduce(0, { $0 + $1.count }) < UInt32.max else {
      throw error(key, "the vocabulary is larger than 4 GiB: convert the model again")
    }
    return tokens
  }

  func kinds(count: Int) throws(GGUFError) -> [TokenKind] {
    let key = "tokenizer.ggml.token_type"
    guard let types = try metadata.integers(key) else { return [TokenKind](repeating: .normal, count: count) }
    try check(key, types.count, count)
    var kinds: [TokenKind] = []
    kinds.reserveCapacity(count)
    for (token, type) in types.enumerated() {
      // Type 0 says that the converter did not know.
      guard let kind = type == 0 ? .normal : TokenKind(rawValue: type) else {
        throw error(key, "token \(token) has type \(type), which is not 0 to 6: convert the model again")
      }
      kinds.append(kind)
    }
    return kinds
  }

  func scores(count: Int) throws(GGUFError) -> [Float] {
    let key = "tokenizer.ggml.scores"
    guard let scores = try metadata.numbers(key) else { throw missing(key) }
    try check(key, scores.count, count)
    return scores
  }

  /// A token that the metadata names, such as `bos`; −1, in 32 bits with or without a sign, names none. What is
  /// no token of the vocabulary is left out, with a remark.
  ///
  /// - Parameter standard: The token where the key is absent.
  mutating func token(_ name: String, count: Int, standard: Token? = nil) -> Token? {
    let key = "tokenizer.ggml.\(name)_token_id"
    let named = optional { (reader) throws(GGUFError) -> Token? in
      guard let id = try reader.metadata.integer(key), id != -1, id != UInt32.max else { return nil }
      guard (0..<count).contains(id) else {
        throw reader.error(
          key, "is \(id), outside the vocabulary of \(count) tokens: convert the model again")
      }
      return Token(id)
    }
    return metadata[key] == nil ? standard : named
  }

  /// The tokens that are never to be drawn. As llama.cpp has it, ids outside the vocabulary mean nothing.
  mutating func suppressedTokens(count: Int) -> Set<Token> {
    let ids = optional { (reader) throws(GGUFError) in
      try reader.metadata.integers("tokenizer.ggml.suppress_tokens")
    }
    return Set((ids ?? []).filter { (0..<count).contains($0) }.map { Token($0) })
  }

  /// A truth value that text can do without; nil where the file has none, or something else, with a remark.
  mutating func optionalBool(_ name: String) -> Bool? {
    optional { (reader) throws(GGUFError) in try reader.bool(name) }
  }

  private mutating func optional<Value>(_ read: (Self) throws(GGUFError) -> Value?) -> Value? {
    do { return try read(self) } catch {
      remarks.append("ignored: " + GGUFError(file: nil, place: error.place, error.problem).description)
      return nil
    }
  }

  func bool(_ name: String) throws(GGUFError) -> Bool? { try metadata.bool("tokenizer.ggml.\(name)") }

  func error(_ key: String, _ problem: String) -> GGUFError {
    GGUFError(file: metadata.file, place: "key “\(key)”", problem)
  }

  func missing(_ key: String) -> GGUFError {
    error(key, "is missing: convert the model again, with its tokenizer")
  }

  func check(_ key: String, _ found: Int, _ count: Int) throws(GGUFError) {
    guard found == count else {
      throw error(key, "has \(found) entries for \(count) tokens: convert the model again")
    }
  }
}
