import Sessions
import Tokenization

@testable import Analysis
@testable import Inference
@testable import Interface

extension Scene {
  /// A comparison of the two answers as an engine would tell it: KL grows towards the middle of each.
  mutating func tellComparison(kl: (Int) -> Double = { 0.05 * Double($0 % 12) * Double($0 % 12) / 4 }) {
    guard let pair = state.comparison?.pair,
      let report = Self.report(pair, state.session.conversation, kl: kl)
    else { return }
    send(.engine(.analysis(.report(report))))
    send(.engine(.analysis(.ended(.finished))))
    state.notice = nil
  }

  /// What is known of a pair when all is compared: A would have said “ way” and B “ path” everywhere.
  static func report(
    _ pair: ComparedPair, _ conversation: Conversation, kl: (Int) -> Double = { _ in 0.1 }
  ) -> PairReport? {
    func text(_ id: Int) -> ScoredText? {
      guard let node = conversation[id] else { return nil }
      let words = node.content.split(separator: " ", omittingEmptySubsequences: false)
      let pieces = words.enumerated().map { ($0.offset == 0 ? "" : " ") + $0.element }
      let ids = (node.answer?.tokenIDs ?? []).map { Token($0) }
      let tokens = ids.indices.map { index in
        let value = kl(index)
        let isNumber = !value.isNaN
        return TokenDivergence(
          divergence: Divergence(
            kl: value, js: isNumber ? value / 4 : .nan, sameTop: isNumber && index % 5 == 0),
          first: .init(logProbability: -0.5, rank: 1, top: 1, topLogProbability: -0.5),
          second: .init(
            logProbability: isNumber ? -2 : .nan, rank: isNumber ? 3 : nil, top: 2,
            topLogProbability: isNumber ? -0.7 : .nan))
      }
      var scored = ScoredText(
        pieces: pieces, parts: pieces.map { _ in .content },
        AnswerDivergence(prompt: [1], answer: ids, tokens: tokens))
      scored.names = [1: " way", 2: " path"]
      return scored
    }
    guard let first = text(pair.first), let second = text(pair.second) else { return nil }
    return PairReport(pair: pair, first: first, second: second)
  }
}
