/// A part of an answer.
public enum AnswerPart: String, Sendable, Hashable, Codable {
  /// What the model thinks before it answers.
  case reasoning
  case content
}
