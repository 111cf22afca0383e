import Sessions

extension AppState {
  /// Answers that a draft is made of, at most.
  private static let mostDrafts = 4

  /// Tokens of earlier answers that may recur in an answer, the likeliest first: answers to the same prompt, or to
  /// another wording of it; with the same seed, whole, under the same plan, or lately. Of an answer that goes on, what
  /// followed its beginning there.
  func drafts(for node: Conversation.Node) -> [[Int]] {
    guard let own = node.answer, let prompt = node.parent else { return [] }
    let conversation = session.conversation, beginning = own.tokenIDs.filter { $0 >= 0 }
    func likelihood(_ other: Conversation.Node) -> Int {
      guard let answer = other.answer else { return 0 }
      let hasSameSeed = answer.sampling.seed == own.lastSampling.seed
      let hasSamePlan = answer.plan == own.lastPlan && answer.planChanges.isEmpty
      return (other.parent == prompt ? 8 : 0) + (hasSameSeed ? 4 : 0) + (answer.stop == .endOfTurn ? 2 : 0)
        + (hasSamePlan ? 1 : 0)
    }
    let drafts = conversation.siblings(of: prompt).flatMap { conversation.answers(to: $0.id) }
      .filter { $0.id != node.id && $0.answer?.model.name == own.model.name }
      .sorted { (likelihood($0), $0.id) > (likelihood($1), $1.id) }
      .compactMap { other -> [Int]? in
        let tokens = (other.answer?.tokenIDs ?? []).filter { $0 >= 0 }
        guard tokens.count > beginning.count, tokens.starts(with: beginning) else { return nil }
        return Array(tokens.dropFirst(beginning.count))
      }
    return Array(drafts.prefix(Self.mostDrafts))
  }
}
