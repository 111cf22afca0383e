import Sessions

extension AppState {
  /// Fills the Chat pane from the branch that is current.
  mutating func showConversation() {
    let path = session.conversation.path()
    chat.replace(
      with: path.map { node in
        ChatDocument.Entry(node: node.id, text: WrappedText(Self.shownText(node), width: chat.width))
      })
  }

  /// Gives the conversation the room of the Chat pane, frame not included.
  mutating func fitConversation(width: Int, height: Int) {
    let conversation = session.conversation
    let nodes = chat.entries.map(\.node)
    chat.resize(width: width - 2, height: height) { conversation[nodes[$0]].map(Self.shownText) ?? "" }
  }

  private static func shownText(_ node: Conversation.Node) -> String {
    node.role == .system && node.content.isEmpty ? "(none from here on)" : node.content
  }

  /// Decode speed of an answer, finished or under way; nil if it has none yet.
  func decodeRate(of node: Conversation.Node) -> Double? {
    let live = node.id == answering && !(node.answer?.tokenIDs.isEmpty ?? true) ? rates.newest : nil
    let rate = node.answer?.statistics?.decodeTokensPerSecond ?? live?.decodeTokensPerSecond
    return rate.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
  }
}
