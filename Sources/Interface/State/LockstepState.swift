import Tokenization

/// Two plans that are stepped along the same tokens.
struct LockstepState: Sendable {
  /// What the engine computes with; made for the pair, and gone with this.
  let contexts: LockstepContexts
  /// The tokens after the prompt, so far.
  var tokens: [Token]
  /// What was told last; of other tokens while a step is under way.
  var report: LockstepReport?
  /// Why there is no step.
  var problem: String?
  /// The candidate under the cursor.
  var side = PairReport.Side.first
  var picked = 0

  var pair: ComparedPair { contexts.pair }
  /// Whether what is told is of the tokens.
  var isCurrent: Bool { report?.tokens == tokens }

  /// Goes on to other tokens.
  mutating func go(to tokens: [Token]) {
    self.tokens = tokens
    problem = nil
    picked = 0
  }
}
