/// The kind of a token: `tokenizer.ggml.token_type`.
enum TokenKind: Int, Sendable {
  case normal = 1
  case unknown
  /// Steers the model and is never text: `<|im_start|>`.
  case control
  /// Cut out of the text before anything else looks at it.
  case userDefined
  /// Fills up the vocabulary, as `[PAD272]` does, and is no text.
  case unused
  /// A single byte, written `<0x0A>`, for text that no other token covers.
  case byte

  /// Whether the token is found by its spelling, before text is split and merged.
  var isSpecial: Bool {
    switch self {
    case .control, .userDefined, .unknown: true
    case .normal, .unused, .byte: false
    }
  }
}
