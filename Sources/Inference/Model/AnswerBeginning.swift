/// The beginning of an answer that goes on.
public struct AnswerBeginning: Sendable, Hashable {
  /// Text that people gave; it becomes tokens as the content of messages does.
  public var text: String
  /// The ids of the tokens that the model drew after it.
  public var tokenIDs: [Int]
  public init(text: String = "", tokenIDs: [Int] = []) {
    self.text = text
    self.tokenIDs = tokenIDs
  }
}
