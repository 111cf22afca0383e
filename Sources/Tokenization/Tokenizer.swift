/// Turns text into the tokens a model was trained with, and tokens back into text.
///
/// Made from the metadata of a GGUF file: byte-level BPE (GPT-2, Llama 3, Qwen, SmolLM, ...), SentencePiece
/// BPE (Llama 2, Mistral, Phi-3, Gemma 1–3), Gemma 4's mixture of both, and BERT's WordPiece. It never
/// changes, so one can serve any number of threads.
public final class Tokenizer: Sendable {
  let vocabulary: Vocabulary
  let encoder: Encoder
  let specials: SpecialTokens
  let endOfGeneration: Set<Token>
  /// The tokens that the file says are never to be drawn (`tokenizer.ggml.suppress_tokens`).
  public let suppressed: Set<Token>
  /// Keys of the file that are left out because what they say cannot be: one line each.
  public let remarks: [String]

  /// The token that begins a text, if the model has one.
  public let bos: Token?
  /// The token that ends a text, if the model has one.
  public let eos: Token?
  /// Whether the model expects ``bos`` before a text. ``encode(_:parsesSpecial:)`` leaves it to the caller.
  public let addsBOS: Bool
  /// Whether the model expects ``eos`` after a text.
  public let addsEOS: Bool

  enum Encoder: Sendable {
    case byteLevel(ByteLevelEncoder)
    case characters(CharacterEncoder)
    case wordPieces(WordPieceEncoder)

    var needsUTF8: Bool {
      switch self {
      case .byteLevel, .wordPieces: true
      case .characters(let encoder): encoder.needsUTF8
      }
    }

    /// Whether the model begins a text with BOS when its file does not say.
    var addsBOS: Bool {
      if case .byteLevel(let encoder) = self { encoder.preTokenizer.addsBOS } else { true }
    }

    /// Whether the first piece of a text begins with a space that the text has not.
    var addsSpacePrefix: Bool {
      switch self {
      case .byteLevel: false
      case .characters(let encoder): encoder.addsSpacePrefix
      case .wordPieces: true
      }
    }
  }

  init(
    vocabulary: Vocabulary, encoder: Encoder, specials: SpecialTokens, endOfGeneration: Set<Token>,
    suppressed: Set<Token>, remarks: [String], bos: Token?, eos: Token?, addsBOS: Bool, addsEOS: Bool
  ) {
    self.vocabulary = vocabulary
    self.encoder = encoder
    self.specials = specials
    self.endOfGeneration = endOfGeneration
    self.suppressed = suppressed
    self.remarks = remarks
    self.bos = bos
    self.eos = eos
    self.addsBOS = addsBOS
    self.addsEOS = addsEOS
  }

  /// The number of tokens; ids run from 0 to one less.
  public var vocabularySize: Int { vocabulary.pieces.count }

  /// Bytes of the longest piece: no token covers more of a text.
  public var longestPiece: Int { vocabulary.pieces.longest }

  /// Whether a model that produces this token has finished its answer.
  public func isEndOfGeneration(_ token: Token) -> Bool { endOfGeneration.contains(token) }

  /// Whether templates write a token by its spelling, which ordinary text does not become: control tokens and
  /// those that the file's maker defined. False for ids outside the vocabulary.
  public func isSpecial(_ token: Token) -> Bool {
    vocabulary.contains(token)
      && (vocabulary.kinds[Int(token)] == .control || vocabulary.kinds[Int(token)] == .userDefined)
  }

  /// Whether a token steers the model and is no text. False for ids outside the vocabulary.
  public func isControl(_ token: Token) -> Bool {
    vocabulary.contains(token) && vocabulary.kinds[Int(token)] == .control
  }
}
