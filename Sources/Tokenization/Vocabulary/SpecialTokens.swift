/// The tokens that are cut out of a text by their spelling before it is split and merged.
struct SpecialTokens: Sendable {
  /// The special tokens that a stretch of text may hold, by its provenance.
  enum Trust: Int, CaseIterable {
    /// A message inside a chat: as ``text``, but without the user-defined tokens of the chat template.
    case content
    /// Text of unknown origin: user-defined tokens, which some vocabularies use for runs of spaces or tags of
    /// HTML, but no control tokens.
    case text
    /// Text of the chat template.
    case markup
  }

  private let pieces: Pieces
  /// The special tokens, each on the level of the lowest trust that recognises it.
  private var matcher: PieceMatcher
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
    self.pieces = pieces
    self.strips = strips
    matcher = PieceMatcher(tokens: tokens, in: pieces, levels: Trust.allCases.count)
    func isControl(_ token: Token) -> Bool { kinds[Int(token)] != .userDefined }
    matcher.assign { (isControl($0) ? Trust.markup : .text).rawValue }

    var tags: Set<Token> = []
    Array(chatTemplate.utf8).withUnsafeBufferPointer { template in
      var search = Search(self, template, trust: .text)
      var position = 0
      while let match = search.next(from: position) {
        if Self.isTag(pieces[match.token]) { tags.insert(match.token) }
        position = match.range.upperBound
      }
    }
    matcher.assign { (isControl($0) ? Trust.markup : tags.contains($0) ? .text : .content).rawValue }
  }

  private static func isTag(_ piece: ArraySlice<UInt8>) -> Bool {
    piece.count > 2
      && (piece.first == UInt8(ascii: "<") && piece.last == UInt8(ascii: ">")
        || piece.first == UInt8(ascii: "[") && piece.last == UInt8(ascii: "]"))
  }
}

extension SpecialTokens {
  /// A search for the special tokens of a text, from its start to its end.
  struct Search {
    private let specials: SpecialTokens
    private let text: UnsafeBufferPointer<UInt8>
    private let trust: Trust
    private let markup: [Range<Int>]
    /// The special tokens in the part of the text that was searched and is not passed, the last one first.
    private var found: [(position: Int, token: Token)] = []
    private var searched = 0
    /// Bytes to search at once: memory stays small, and what is read twice at the borders is no more than the
    /// rest.
    private let step: Int

    /// - Parameters:
    ///   - trust: that of the text
    ///   - markup: the parts that are markup, in order and apart; tokens of the markup lie in one as a whole
    init(
      _ specials: SpecialTokens, _ text: UnsafeBufferPointer<UInt8>, trust: Trust, markup: [Range<Int>] = []
    ) {
      self.specials = specials
      self.text = text
      self.trust = trust
      self.markup = markup
      step = max(1 << 16, specials.matcher.longestPiece)
    }

    /// The next special token that begins at `position` or after it, the longest where several begin at the
    /// same place. Positions must not fall.
    mutating func next(from position: Int) -> Match? {
      while true {
        while let (start, token) = found.popLast() {
          guard start >= position else { continue }
          let range = start..<start + specials.pieces.range(of: token).count
          return Match(token: token, range: range, next: end(of: token, range.upperBound))
        }
        searched = max(searched, position)
        guard searched < text.count else { return nil }
        let part = searched..<min(searched + step, text.count)
        search(part)
        searched = part.upperBound
      }
    }

    private mutating func search(_ part: Range<Int>) {
      let matcher = specials.matcher
      matcher.forEachLongest(in: text, part, end: text.count, level: trust.rawValue) {
        found.append(($0, $1))
      }
      var inMarkup: [(position: Int, token: Token)] = []
      var index = markup.partitioningIndex { $0.lowerBound >= part.upperBound }
      while index > 0, markup[index - 1].upperBound > part.lowerBound {
        index -= 1
        let run = markup[index]
        matcher.forEachLongest(
          in: text, run.clamped(to: part), end: run.upperBound, level: Trust.markup.rawValue
        ) { inMarkup.append(($0, $1)) }
      }
      if !inMarkup.isEmpty { found = merge(found, inMarkup) }
    }

    /// Both lists in one, the longer token where both have one at the same place.
    private func merge(
      _ left: [(position: Int, token: Token)], _ right: [(position: Int, token: Token)]
    ) -> [(position: Int, token: Token)] {
      var merged: [(position: Int, token: Token)] = []
      var left = left[...], right = right[...]
      while let first = left.first, let second = right.first {
        if first.position >= second.position { left.removeFirst() }
        if second.position >= first.position { right.removeFirst() }
        if first.position == second.position {
          let isLonger =
            specials.pieces.range(of: second.token).count > specials.pieces.range(of: first.token).count
          merged.append(isLonger ? second : first)
        } else {
          merged.append(first.position > second.position ? first : second)
        }
      }
      return merged + left + right
    }

    private func end(of token: Token, _ position: Int) -> Int {
      guard specials.strips.contains(token) else { return position }
      return text[position...].firstIndex { $0 != 0x20 && !(0x09...0x0D).contains($0) } ?? text.count
    }
  }
}

extension Array {
  /// The first index whose element is in the second part, where all elements before are in the first one.
  fileprivate func partitioningIndex(_ isSecond: (Element) -> Bool) -> Int {
    var low = 0, high = count
    while low < high {
      let middle = (low + high) / 2
      if isSecond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
