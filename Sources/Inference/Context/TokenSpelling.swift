import Tokenization

/// The spelling of a loaded model's tokens, for whoever shows or types them.
public struct TokenSpelling: Sendable, Hashable {
  private let tokenizer: Tokenizer

  public init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// A printable name of a token: see ``Tokenizer/text(of:)``.
  public func text(of token: Int) -> String {
    Token(exactly: token).map { tokenizer.text(of: $0) } ?? "<\(token)>"
  }

  /// The tokens of a text that goes on with an answer. None of them is a control token.
  public func tokens(of text: String) -> [Int] {
    tokenizer.encode(continuing: Array(text.utf8)).map { Int($0) }
  }

  public static func == (a: TokenSpelling, b: TokenSpelling) -> Bool { a.tokenizer === b.tokenizer }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(tokenizer)) }
}
