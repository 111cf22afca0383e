/// The tokens of a model: the bytes of each, and the token of given bytes.
struct Vocabulary: Sendable {
  /// The bytes each token stands for. SentencePiece writes a space as U+2581 (▁), here too.
  let pieces: Pieces
  let kinds: [TokenKind]
  /// The tokens that text may become: not those that steer the model, nor the spelled-out bytes.
  let index: PieceIndex

  func contains(_ token: Token) -> Bool { token >= 0 && Int(token) < kinds.count }

  /// The tokens that text may become; of equal pieces the first.
  var textTokens: [Token] {
    (0..<Token(pieces.count)).filter { token in
      pieces.bytes.withUnsafeBufferPointer {
        self.token(of: UnsafeBufferPointer(rebasing: $0[pieces.range(of: token)])) == token
      }
    }
  }

  /// The token that text may become, -1 if there is none.
  @inline(__always)
  func token(of bytes: UnsafeBufferPointer<UInt8>) -> Token {
    index.token(of: bytes, in: pieces) ?? -1
  }

  /// As ``token(of:)``, but looks first whether it is the one after `last`, or `last` itself. Vocabularies
  /// list tokens in the order of the merges that make them, and Gemma 4's every way to make each.
  func token(of bytes: UnsafeBufferPointer<UInt8>, near last: Token) -> Token {
    func isIt(_ token: Token) -> Bool {
      contains(token) && kinds[Int(token)] == .normal && pieces[token].elementsEqual(bytes)
    }
    return isIt(last + 1) ? last + 1 : isIt(last) ? last : token(of: bytes)
  }
}
