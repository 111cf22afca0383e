/// The tokens that are cut out of a text by their spelling before it is split and merged.
struct SpecialTokens: Sendable {
  /// The special tokens that a stretch of text may hold, by its provenance.
  enum Trust {
    /// Text of unknown origin: user-defined tokens, which some vocabularies use for runs of spaces or tags of
    /// HTML, but no control tokens.
    case text
    /// A message inside a chat: as ``text``, but without the user-defined tokens of the chat template.
    case content
    /// Text of the chat template.
    case markup
  }

  private let pieces: Pieces
  private let index: PieceIndex
  /// For each first byte, the lengths that tokens beginning with it have, longest first.
  private let lengths: [[Int]]
  /// The tokens that are recognised in ``Trust/markup`` only.
  private let control: Set<Token>
  /// The user-defined tokens of the chat template.
  private var markup: Set<Token> = []
  /// The tokens that swallow the white space after them.
  private let strips: Set<Token>

  struct Match {
    let token: Token
    let range: Range<Int>
    /// The offset after the token, and after the white space that it swallows.
    let next: Int
  }

  /// - Parameters:
  ///   - tokens: the special tokens of the vocabulary
  ///   - strips: those that swallow the white space after them
  ///   - chatTemplate: the model's chat template, in which tags that look like `<this>` or `[THIS]` are
  ///     the markup of a conversation even where the vocabulary does not call them control tokens
  init(tokens: [Token], strips: Set<Token>, chatTemplate: String, pieces: Pieces, kinds: [TokenKind]) {
    var index = PieceIndex(capacity: tokens.count)
    var lengths = [Set<Int>](repeating: [], count: 256)
    for token in tokens {
      let piece = pieces[token]
      guard let first = piece.first else { continue }
      index.insert(token, in: pieces)
      lengths[Int(first)].insert(piece.count)
    }
    self.pieces = pieces
    self.index = index
    self.lengths = lengths.map { $0.sorted(by: >) }
    self.strips = strips
    control = Set(tokens.filter { kinds[Int($0)] != .userDefined })

    var found: Set<Token> = []
    Array(chatTemplate.utf8).withUnsafeBufferPointer { template in
      var position = 0
      while let match = firstMatch(in: template, from: position, trust: { _ in .text }) {
        if Self.isTag(pieces[match.token]) { found.insert(match.token) }
        position = match.range.upperBound
      }
    }
    markup = found
  }

  /// The next special token in a text, the longest where several begin at the same place.
  func firstMatch(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, trust: (Range<Int>) -> Trust
  ) -> Match? {
    var position = start
    while position < text.count {
      for length in lengths[Int(text[position])] where length <= text.count - position {
        let range = position..<position + length
        guard let token = index.token(of: UnsafeBufferPointer(rebasing: text[range]), in: pieces) else {
          continue
        }
        let allowed =
          switch trust(range) {
          case .markup: true
          case .text: !control.contains(token)
          case .content: !control.contains(token) && !markup.contains(token)
          }
        guard allowed else { continue }
        return Match(token: token, range: range, next: end(of: token, range.upperBound, text))
      }
      position += 1
    }
    return nil
  }

  private func end(of token: Token, _ position: Int, _ text: UnsafeBufferPointer<UInt8>) -> Int {
    guard strips.contains(token) else { return position }
    return text[position...].firstIndex { $0 != 0x20 && !(0x09...0x0D).contains($0) } ?? text.count
  }

  private static func isTag(_ piece: ArraySlice<UInt8>) -> Bool {
    piece.count > 2
      && (piece.first == UInt8(ascii: "<") && piece.last == UInt8(ascii: ">")
        || piece.first == UInt8(ascii: "[") && piece.last == UInt8(ascii: "]"))
  }
}
