/// A message of a conversation.
public struct ChatMessage: Sendable, Hashable, Codable {
  /// The author of a message.
  public enum Role: String, Sendable, Hashable, Codable { case system, user, assistant }
  public var role: Role
  public var content: String
  /// What an assistant thought before; empty for nothing.
  public var reasoning: String
  public init(role: Role, content: String, reasoning: String = "") {
    self.role = role
    self.content = content
    self.reasoning = reasoning
  }
}
