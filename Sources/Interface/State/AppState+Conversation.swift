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
    if node.role == .assistant { return WrappedText(node.content, width: width) }
    let isNone = node.role == .system && node.content.isEmpty
    return WrappedText(verbatim: isNone ? "(none from here on)" : node.content, width: width)
  }

  /// Decode speed of an answer, finished or under way; nil if it has none yet.
  func decodeRate(of node: Conversation.Node) -> Double? {
    let live = node.id == answering && !(node.answer?.tokenIDs.isEmpty ?? true) ? rates.newest : nil
    let rate = node.answer?.statistics?.decodeTokensPerSecond ?? live?.decodeTokensPerSecond
    return rate.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
  }
}
