import Tokenization

/// How far a conversation that is too long for a context can be shortened.
///
/// A turn is a message of the user with all that follows it up to the next. The oldest go first; the system
/// prompt stays, and the rest begins with the user, as templates want it.
public struct PromptFit: Sendable, Hashable {
  /// Tokens of the whole prompt; nil where it is too long to be counted.
  public var tokens: Int?
  /// Positions of the context.
  public var capacity: Int
  /// The oldest turns to leave out; nil where the last turn alone is too long.
  public var dropped: Int?
  /// Tokens of the prompt without them, or of the last turn alone; nil where that is too long to be counted.
  public var rest: Int?

  /// - Parameters: See the properties.
  public init(tokens: Int?, capacity: Int, dropped: Int?, rest: Int?) {
    self.tokens = tokens
    self.capacity = capacity
    self.dropped = dropped
    self.rest = rest
  }
}

/// A prompt for a context of limited size.
public enum FittedPrompt: Sendable {
  case fits([Token])
  case tooLong(PromptFit)
}

extension ChatFormat {
  /// The tokens of a rendered conversation, or what to leave out of it.
  ///
  /// Once turns must go, so many go that the rest takes half of the context: it then stays the beginning of the
  /// next prompts, which need not be read again.
  ///
  /// - Parameters:
  ///   - capacity: Positions of the context.
  ///   - room: Positions to leave free for the answer as long as there are turns to leave out.
  /// - Throws: as ``tokens(_:choices:capacity:isAnswered:continuing:)`` does, but for the length.
  public func prompt(
    _ messages: [ChatMessage], choices: PromptChoices = PromptChoices(),
    continuing beginning: AnswerBeginning? = nil, capacity: Int, room: Int
  ) throws -> FittedPrompt {
    let turns = messages.indices.filter { messages[$0].role == .user }
    let system = messages.filter { $0.role == .system }

    /// nil for a text of which its length says that it does not fit.
    func tokens(without dropped: Int) throws -> [Token]? {
      let kept = dropped == 0 ? messages : system + messages[turns[dropped]...].filter { $0.role != .system }
      do {
        return try self.tokens(kept, choices: choices, capacity: capacity, continuing: beginning)
      } catch let error as ContextError {
        guard case .long = error else { throw error }
        return nil
      }
    }

    let all = try tokens(without: 0)
    let last = max(0, turns.count - 1)
    // A context holds the prompt and a token of the answer at least.
    if let all, all.count <= (last == 0 ? capacity - 1 : capacity - room) { return .fits(all) }
    var fit = PromptFit(tokens: all?.count, capacity: capacity, dropped: nil, rest: all?.count)
    guard last > 0 else { return .tooLong(fit) }
    let alone = try tokens(without: last)?.count
    fit.rest = alone
    guard let alone, alone < capacity else { return .tooLong(fit) }
    // The fewest turns without which the rest is short enough: `high` is known to be enough, `low` not to be.
    var (low, high) = (0, last)
    while high - low > 1 {
      let middle = (low + high) / 2
      if let count = try tokens(without: middle)?.count, count <= max(alone, capacity / 2) {
        (high, fit.rest) = (middle, count)
      } else {
        low = middle
      }
    }
    fit.dropped = high
    return .tooLong(fit)
  }
}
