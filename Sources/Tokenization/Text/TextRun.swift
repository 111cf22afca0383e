/// A stretch of a prompt, with its provenance.
public struct TextRun: Sendable, Hashable {
  /// The characters of the run.
  public var text: String
  /// Whether a chat template wrote the text. Only then may it name control tokens: text that a person typed
  /// or a model produced is content and stays text, whatever it looks like.
  public var isMarkup: Bool

  public init(_ text: String, isMarkup: Bool) {
    self.text = text
    self.isMarkup = isMarkup
  }
}
