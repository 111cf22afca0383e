import Foundation

/// BERT's WordPiece: text is brought to a plain form and cut into words, and each word is covered from its
/// start by the longest pieces that fit (Schuster & Nakajima 2012; Devlin et al. 2018). A piece that begins a
/// word is written with ▁ before it.
struct WordPieceEncoder: Sendable {
  /// Whether capitals become small letters and accents go.
  private let lowercases: Bool
  private let stripsAccents: Bool
  /// The token of a word that the pieces cannot cover.
  private let unknown: Token
  private let pieces: Pieces
  /// The tokens that text may become.
  private let matcher: PieceMatcher

  /// - Parameter tokens: the tokens that text may become
  init(lowercases: Bool, stripsAccents: Bool, unknown: Token, tokens: [Token], pieces: Pieces) {
    self.lowercases = lowercases
    self.stripsAccents = stripsAccents
    self.unknown = unknown
    self.pieces = pieces
    matcher = PieceMatcher(tokens: tokens, in: pieces, levels: 1)
  }

  /// Appends the tokens of a text that is valid UTF-8.
  func encode(_ text: UnsafeBufferPointer<UInt8>, into tokens: inout [Token]) {
    var longest: [Token] = []
    forEachWord(in: text) { word in
      word.withUnsafeBufferPointer { cover($0, &longest, &tokens) }
    }
  }

  /// - Parameter longest: room for the longest piece at each position of the word, kept from word to word
  private func cover(
    _ word: UnsafeBufferPointer<UInt8>, _ longest: inout [Token], _ tokens: inout [Token]
  ) {
    longest.removeAll(keepingCapacity: true)
    longest.append(contentsOf: repeatElement(-1, count: word.count))
    matcher.forEachLongest(in: word, 0..<word.count, end: word.count, level: 0) { longest[$0] = $1 }
    let before = tokens.count
    var start = 0
    while start < word.count {
      let token = longest[start]
      guard token >= 0 else {
        tokens.removeSubrange(before...)
        tokens.append(unknown)
        return
      }
      tokens.append(token)
      start += pieces.range(of: token).count
    }
  }

  /// Calls `body` with each word in its plain form, ▁ before it. White space parts words; punctuation, ASCII
  /// symbols and Chinese characters are words of their own; control characters go.
  private func forEachWord(in text: UnsafeBufferPointer<UInt8>, _ body: ([UInt8]) -> Void) {
    let space = Array("▁".utf8)
    var word = space
    func finish() {
      if word.count > space.count { body(word) }
      word = space
    }
    var plain = String(decoding: text, as: UTF8.self)
    if stripsAccents { plain = plain.decomposedStringWithCanonicalMapping }
    for scalar in plain.unicodeScalars {
      let kind = CharacterClass.of(scalar.value)
      if kind.meets(.whitespace) {
        finish()
      } else if kind.isEmpty || scalar == "\u{FFFD}" || stripsAccents && kind.meets(.mark) {
        continue
      } else if kind.meets(.punctuation) || scalar.isASCII && kind.meets(.symbol) || Self.isChinese(scalar) {
        finish()
        word.append(contentsOf: String(scalar).utf8)
        finish()
      } else if lowercases {
        word.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
      } else {
        word.append(contentsOf: String(scalar).utf8)
      }
    }
    finish()
  }

  /// The blocks of ideographs that BERT parts; Hugging Face's and llama.cpp's begin the last extension late.
  private static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
      0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}
