import Inference
import Sessions

extension AppState {
  /// Fills the Chat pane from the branch that is current.
  mutating func showConversation() {
    let path = session.conversation.path()
    chat.replace(with: path.map { Self.entry($0, width: chat.width, showsTokens: chat.showsTokens) })
  }

  /// Gives the conversation the room of the Chat pane, frame not included.
  mutating func fitConversation(width: Int, height: Int) {
    let conversation = session.conversation
    let entries = chat.entries
    let showsTokens = showsTokens
    chat.resize(width: width - 2, height: height, showsTokens: showsTokens) { entry, width in
      conversation[entries[entry].node].map { Self.entry($0, width: width, showsTokens: showsTokens) }
        ?? entries[entry]
    }
  }

  /// A message in rows. A model writes Markdown; what people wrote is shown as they wrote it.
  ///
  /// - Parameter showsTokens: Whether answers are shown as they were written too: marks of Markdown are tokens.
  private static func entry(_ node: Conversation.Node, width: Int, showsTokens: Bool) -> ChatEntry {
    guard node.role == .assistant else {
      let isNone = node.role == .system && node.content.isEmpty
      let text = isNone ? "(none from here on)" : node.content
      return ChatEntry(node: node.id, text: WrappedText(verbatim: text, width: width))
    }
    if showsTokens, let answer = node.answer, answer.hasRecords {
      return ChatEntry(tokensOf: answer, node, width: width, mark: mark)
    }
    let thought = thoughtText(node)
    return ChatEntry(
      node: node.id, text: WrappedText(answerText(node), width: width),
      thought: thought.isEmpty ? nil : ChatEntry.thought(thought, width: width))
  }

  /// The text of an answer, with the places at which its plan changed marked.
  static func answerText(_ node: Conversation.Node) -> String {
    let changes = node.answer?.planChanges.filter { !$0.isInThought } ?? []
    return text(node.content, marked: changes.map { ($0.bytes, $0.plan) })
  }

  /// The thought before an answer, marked likewise.
  static func thoughtText(_ node: Conversation.Node) -> String {
    let changes = node.answer?.planChanges.filter(\.isInThought) ?? []
    return text(node.reasoning, marked: changes.map { ($0.reasoningBytes, $0.plan) })
  }

  private static func text(_ content: String, marked changes: [(bytes: Int, plan: Plan)]) -> String {
    guard !changes.isEmpty else { return content }
    var text = "", rest = Substring(content).utf8
    for change in changes {
      let part = rest.prefix(max(0, change.bytes - (content.utf8.count - rest.count)))
      text += String(decoding: part, as: UTF8.self) + mark(of: change.plan)
      rest = rest.dropFirst(part.count)
    }
    return text + String(decoding: rest, as: UTF8.self)
  }

  /// What marks the place in an answer's text from which on another plan computed it.
  static func mark(of plan: Plan) -> String { "⟦\(plan.summary)⟧" }

  /// The speed of an answer without its thought, where that is measured, else ``decodeRate(of:)``.
  func contentRate(of node: Conversation.Node) -> Double? {
    guard let rate = node.answer?.statistics?.contentTokensPerSecond, rate.isFinite, rate > 0 else {
      return decodeRate(of: node)
    }
    return rate
  }

  /// Decode speed of an answer, finished or under way; nil if it has none yet.
  func decodeRate(of node: Conversation.Node) -> Double? {
    let live = node.id == answering && !(node.answer?.tokenIDs.isEmpty ?? true) ? rates.shown : nil
    let rate = node.answer?.statistics?.decodeTokensPerSecond ?? live
    return rate.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
  }
}

extension PlanChange {
  /// Whether it came in the thought, before the answer began.
  fileprivate var isInThought: Bool { bytes == 0 && reasoningBytes > 0 }
}
