/// The two answers to one prompt that are shown side by side.
struct Comparison: Sendable, Hashable {
  /// Nodes of the conversation.
  var first: Int
  var second: Int
  /// Rows that both columns are scrolled down; nil follows the end of the second.
  var top: Int?
  /// The token that is looked at; nil for none.
  var cursor: Cursor?
  /// Whether the thoughts before the answers are shown whole.
  var unfoldsThoughts = false
  /// Why the plans are not compared, or not any more; nil while nothing is in the way.
  var obstacle: Obstacle?

  var pair: ComparedPair { ComparedPair(first: first, second: second) }

  /// A token of one of the answers.
  struct Cursor: Sendable, Hashable {
    var side: PairReport.Side
    /// Counted from 0, the tokens of a thought included.
    var token: Int
  }

  enum Obstacle: Sendable, Hashable {
    /// The user stopped it.
    case stopped
    case failed(String)
  }

  /// Shows another pair, from where the columns are scrolled to.
  mutating func show(_ pair: ComparedPair) {
    guard pair != self.pair else { return }
    (first, second) = (pair.first, pair.second)
    cursor = nil
    obstacle = nil
  }
}
