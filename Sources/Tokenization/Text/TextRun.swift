/// A stretch of a prompt, with where it comes from.
public struct TextRun: Sendable, Hashable {
  public var text: String
  /// Whether a chat template wrote the text. Only then may it name control tokens: what a person typed or a
  /// model said is content and stays text, whatever it looks like.
  public var isMarkup: Bool

  public init(_ text: String, isMarkup: Bool) {
    self.text = text
    self.isMarkup = isMarkup
  }
}
