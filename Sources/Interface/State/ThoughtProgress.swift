import Inference
import Sessions

/// The thought of an answer under way, as far as it has come. What was measured replaces it at the end.
struct ThoughtProgress: Sendable, Hashable {
  /// The answer.
  var node: Int
  /// Tokens, and the seconds of those before the answer was last gone on with.
  var tokens: Int
  var earlierSeconds: Double
  /// By the program's clock: its first token since then, and its newest.
  var began, newest: Double
  /// Whether the answer itself has begun.
  var isOver = false
}

extension AppState {
  /// Counts the tokens of the thought among those that came of an answer.
  mutating func countThought(_ tokens: [AnswerToken], of id: Int) {
    let count = tokens.count { $0.part == .reasoning }
    if count > 0 {
      if thought?.node != id {
        let earlier = session.conversation[id]?.answer?.continuations.last?.statistics?.thought
        thought = ThoughtProgress(
          node: id, tokens: earlier?.tokens ?? 0, earlierSeconds: earlier?.seconds ?? 0, began: time,
          newest: time)
      }
      thought?.tokens += count
      thought?.newest = time
    }
    if thought?.node == id, tokens.contains(where: { $0.part == .content && !$0.text.isEmpty }) {
      thought?.isOver = true
    }
  }

  /// Whether an answer is in its thought now.
  func isThinking(_ node: Conversation.Node) -> Bool {
    node.id == answering && thought?.node == node.id && thought?.isOver == false
  }

  /// The figures of an answer's thought: as measured, or as far as it has come; nil where there is none, or
  /// where they are not known, since the program ended meanwhile.
  func thoughtFigures(of node: Conversation.Node) -> ThoughtStatistics? {
    if let statistics = node.answer?.statistics { return statistics.thought }
    guard let thought, thought.node == node.id else {
      return node.answer?.continuations.last?.statistics?.thought
    }
    let end = isThinking(node) ? time : thought.newest
    return ThoughtStatistics(
      tokens: thought.tokens, seconds: thought.earlierSeconds + max(0, end - thought.began))
  }

  /// The answer whose thought the Speed pane tells of: the one under way, or the last of the branch.
  var newestAnswer: Conversation.Node? {
    (answering ?? session.conversation.leaf).flatMap { session.conversation[$0] }
  }
}

extension Conversation.Node {
  /// Whether it is an answer that never came further than its thought.
  var isAllThought: Bool { content.isEmpty && !reasoning.isEmpty }
}
