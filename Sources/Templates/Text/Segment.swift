/// A run of a rendered prompt that is wholly the template's, or wholly from outside.
///
/// Control tokens may be looked for in markup only. Everything else is one text: a tokenizer should join the
/// text between control tokens across segments before it splits it, so that a prompt without special-looking
/// content gets the same tokens as the plain string would.
public struct Segment: Sendable, Hashable {
  /// The characters of the run.
  public var text: String
  /// From a message, a tool or another value of the caller: must never become a control token.
  public var isContent: Bool

  public init(text: String, isContent: Bool) {
    self.text = text
    self.isContent = isContent
  }
}
