/// A decoder of tokens as they come: a character whose bytes are spread over several tokens appears when it
/// is complete. The results of all calls, joined, are the text that decoding all tokens at once gives, with
/// U+FFFD for bytes that are not UTF-8.
public struct StreamDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let special: Bool
  /// The beginning of a character that is not complete.
  private var pending: [UInt8] = []
  private var beginsText = true

  /// - Parameter special: Whether control tokens contribute their spelling rather than nothing.
  public init(_ tokenizer: Tokenizer, special: Bool = false) {
    self.tokenizer = tokenizer
    self.special = special
  }

  /// The characters that the token completes; often none or several.
  public mutating func append(_ token: Token) -> String {
    let piece = tokenizer.piece(token, special: special)
    pending.append(contentsOf: beginsText ? tokenizer.withoutPrefix(piece) : piece[...])
    beginsText = beginsText && piece.isEmpty
    let whole = pending.count - Self.unfinished(pending)
    defer { pending.removeFirst(whole) }
    return String(decoding: pending[..<whole], as: UTF8.self)
  }

  /// The rest at the end of a text: U+FFFD for a character that was not completed, or nothing. The decoder is
  /// then ready for another text.
  public mutating func finish() -> String {
    defer {
      pending = []
      beginsText = true
    }
    return String(decoding: pending, as: UTF8.self)
  }

  /// The rest of a character that will not be completed, since what follows is no text: U+FFFD, or nothing.
  public mutating func cut() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// The number of bytes at the end that are the beginning of a character, which the next bytes may complete.
  private static func unfinished(_ bytes: [UInt8]) -> Int {
    for count in 1..<4 where count <= bytes.count {
      let tail = bytes.suffix(count)
      guard let first = tail.first, first & 0xC0 != 0x80 else { continue }
      return scalarLength(tail) < 0 ? count : 0
    }
    return 0
  }
}
