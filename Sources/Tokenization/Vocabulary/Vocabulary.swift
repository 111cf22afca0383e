/// The tokens of a model: what each stands for, and which one a piece of text is.
struct Vocabulary: Sendable {
  /// The bytes each token stands for. SentencePiece writes a space as U+2581 (▁), here too.
  let pieces: Pieces
  let kinds: [TokenKind]
  /// The tokens that text may become: not those that steer the model, nor the spelled-out bytes.
  let index: PieceIndex

  func contains(_ token: Token) -> Bool { token >= 0 && Int(token) < kinds.count }

  /// The token that text may become, -1 if there is none.
  @inline(__always)
  func token(of bytes: UnsafeBufferPointer<UInt8>) -> Token {
    index.token(of: bytes, in: pieces) ?? -1
  }

  /// As ``token(of:)``, but looks first whether it is the likely one.
  func token(of bytes: UnsafeBufferPointer<UInt8>, likely: Token) -> Token {
    let isLikely = contains(likely) && kinds[Int(likely)] == .normal && pieces[likely].elementsEqual(bytes)
    return isLikely ? likely : token(of: bytes)
  }
}
