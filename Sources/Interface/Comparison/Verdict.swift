import Analysis
import Foundation

/// What a comparison of two answers comes to, in plain words.
package enum Verdict {
  /// How near the predictions of B are to those of A.
  package enum Nearness: Sendable, Equatable {
    case same, nearlySame, close, different, farApart
    /// Some are no numbers.
    case notANumber

    /// - Parameter kl: Mean KL in nats a token.
    package init(_ kl: Double) {
      self =
        switch kl {
        case 0: .same
        case ..<0.01: .nearlySame
        case ..<0.1: .close
        case ..<0.5: .different
        default: kl.isNaN ? .notANumber : .farApart
        }
    }

    /// - Parameter other: The name of B.
    package func words(_ other: String = "B") -> String {
      switch self {
      case .same: "\(other) predicts the same as A"
      case .nearlySame: "\(other) predicts nearly the same as A"
      case .close: "\(other) predicts much as A does"
      case .different: "\(other) predicts otherwise than A"
      case .farApart: "\(other) is far from A"
      case .notANumber: "NaN: some predictions are not a number"
      }
    }
  }

  /// Means over the tokens of both texts, as far as they are compared.
  package struct Means: Sendable, Equatable {
    package var tokens: Int
    package var kl, js, sameTop: Double

    /// nil where nothing is compared.
    package init?(_ divergences: AnswerDivergence?...) {
      let all = divergences.flatMap { $0?.tokens ?? [] }
      guard !all.isEmpty else { return nil }
      func mean(_ value: (TokenDivergence) -> Double) -> Double {
        all.reduce(0) { $0 + value($1) } / Double(all.count)
      }
      tokens = all.count
      (kl, js, sameTop) = (mean(\.kl), mean(\.js), mean(\.divergence.sameTopShare))
    }

    package var nearness: Nearness { Nearness(kl) }
  }

  /// The lengths of two answers, where one is much longer: `B is 3.0× as long as A`.
  ///
  /// - Parameters: Tokens of each.
  package static func lengths(_ first: Int, _ second: Int, _ other: String = "B") -> String? {
    let (less, more) = (min(first, second), max(first, second))
    // Of a few words, one more is no finding.
    guard less > 0, more >= less + 8, 2 * more >= 3 * less else { return nil }
    let names = first > second ? ("A", other) : (other, "A")
    return "\(names.0) is \(Figures.fixed(Double(more) / Double(less), 1))× as long as \(names.1)"
  }

  /// A loop at the end of an answer.
  package static func loop(_ name: String, from token: Int) -> String {
    "\(name) repeats itself since token \(token)"
  }

  /// What speeds in turns tell: `B decodes 1.21× as fast (6 turns, 1.17–1.25)`.
  package static func speed(_ turns: SpeedTurns, _ other: String = "B") -> String? {
    guard let ratio = turns.ratio, let least = turns.ratios.first, let most = turns.ratios.last else {
      return nil
    }
    let spread = "\(Figures.fixed(least, 2))–\(Figures.fixed(most, 2))×"
    let count = "\(turns.ratios.count) turn\(turns.ratios.count == 1 ? "" : "s")"
    return turns.isClear
      ? "\(other) decodes \(Figures.fixed(ratio, 2))× as fast as A (\(count), \(spread))"
      : "the difference in speed is within noise (\(count), \(spread))"
  }
}
