import Inference
import Sessions

extension AppState {
  /// Fills the Chat pane from the branch that is current.
  mutating func showConversation() {
    let path = session.conversation.path()
    chat.replace(
      with: path.map { node in
        ChatDocument.Entry(node: node.id, text: Self.shownText(node, width: chat.width))
      })
  }

  /// Gives the conversation the room of the Chat pane, frame not included.
  mutating func fitConversation(width: Int, height: Int) {
    let conversation = session.conversation
    let nodes = chat.entries.map(\.node)
    chat.resize(width: width - 2, height: height) { entry, width in
      conversation[nodes[entry]].map { Self.shownText($0, width: width) } ?? WrappedText("", width: width)
    }
  }

  /// A model writes Markdown; what people wrote is shown as they wrote it.
  private static func shownText(_ node: Conversation.Node, width: Int) -> WrappedText {
    if node.role == .assistant { return WrappedText(answerText(node), width: width) }
    let isNone = node.role == .system && node.content.isEmpty
    return WrappedText(verbatim: isNone ? "(none from here on)" : node.content, width: width)
  }

  /// The text of an answer, with the places at which its plan changed marked.
  static func answerText(_ node: Conversation.Node) -> String {
    guard let changes = node.answer?.planChanges, !changes.isEmpty else { return node.content }
    var text = "", rest = Substring(node.content).utf8
    for change in changes {
      let part = rest.prefix(change.bytes - (node.content.utf8.count - rest.count))
      text += String(decoding: part, as: UTF8.self) + mark(of: change.plan)
      rest = rest.dropFirst(part.count)
    }
    return text + String(decoding: rest, as: UTF8.self)
  }

  /// What marks the place in an answer's text from which on another plan computed it.
  static func mark(of plan: Plan) -> String { "⟦\(plan.summary)⟧" }

  /// Decode speed of an answer, finished or under way; nil if it has none yet.
  func decodeRate(of node: Conversation.Node) -> Double? {
    let live = node.id == answering && !(node.answer?.tokenIDs.isEmpty ?? true) ? rates.shown : nil
    let rate = node.answer?.statistics?.decodeTokensPerSecond ?? live
    return rate.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
  }
}
