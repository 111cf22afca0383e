import Inference

/// The place where the model's memory of a branch begins. What is before it stays in the session, and is no
/// part of prompts.
public struct ContextCut: Sendable, Hashable {
  /// The first message of the user that is remembered; nil for all.
  public var start: Int?
  /// What the model said of the turns before it; nil where they are left out without a word.
  public var summary: String?
  public init(start: Int?, summary: String? = nil) {
    self.start = start
    self.summary = summary
  }
}

/// A message as the model gets it.
public struct PromptMessage: Sendable, Hashable {
  public var message: ChatMessage
  /// The node of the conversation that it begins with.
  public var node: Int
}

extension Conversation {
  /// The branch as a model takes it: at most one system message, which comes first, and then user and assistant
  /// in turns.
  ///
  /// - A system message holds from where it was said, so the last one of the branch is the one that counts; an
  ///   empty one takes it away.
  /// - The last ``ContextCut`` of the branch says where it begins; a summary stands at the beginning of the first
  ///   message, since not all templates take a system message.
  /// - An answer without text, which failed or was stopped at once, is left out, and the messages on either side
  ///   become one.
  public func prompt(to id: Int? = nil) -> [PromptMessage] {
    let path = path(to: id)
    let system = path.last { $0.role == .system }.flatMap { $0.content.isEmpty ? nil : $0 }
    var result =
      system.map { [PromptMessage(message: .init(role: .system, content: $0.content), node: $0.id)] } ?? []
    let cut = path.last { $0.cut != nil }?.cut
    let start = cut?.start.flatMap { start in path.firstIndex { $0.id == start } } ?? 0
    var summary = start > 0 ? cut?.summary : nil
    for node in path[start...] where node.role != .system {
      if node.role == .assistant, node.content.isEmpty { continue }
      // What is remembered begins with the user.
      if node.role == .assistant, start > 0, result.last?.message.role != .user { continue }
      var content = node.content
      if node.role == .user, let text = summary {
        content = "(What was said before, in short: \(text))\n\n\(content)"
        summary = nil
      }
      if let last = result.indices.last, result[last].message.role == node.role {
        result[last].message.content += "\n\n" + content
        if !node.reasoning.isEmpty { result[last].message.reasoning = node.reasoning }
      } else {
        result.append(
          PromptMessage(
            message: .init(role: node.role, content: content, reasoning: node.reasoning), node: node.id))
      }
    }
    return result
  }

  /// ``prompt(to:)`` without the places.
  public func messages(to id: Int? = nil) -> [ChatMessage] { prompt(to: id).map(\.message) }

  /// The first node that the model remembers on a branch, or ``nextID`` where it remembers none; nil for the whole.
  public func contextStart(to id: Int? = nil) -> Int? {
    let path = path(to: id)
    guard let start = path.last(where: { $0.cut != nil })?.cut?.start else { return nil }
    // What is remembered begins with the user; the cut after the last answer names that answer.
    return path.drop { $0.id != start }.first { $0.role == .user }?.id ?? nextID
  }
}
