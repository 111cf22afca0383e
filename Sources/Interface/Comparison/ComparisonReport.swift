import Analysis
import IO
import Inference

/// Comparisons of plans over some prompts, as a report for people has them.
package struct ComparisonReport: Sendable {
  /// What is compared, in a line: models and seed.
  package var about: String
  /// The plans, A first.
  package var plans: [PlanRow] = []
  package var prompts: [Prompt] = []
  /// Means over the prompts, for each plan but A; empty for a single prompt.
  package var means: [MeanRow] = []

  package init(about: String) { self.about = about }

  /// A plan, and what it costs.
  package struct PlanRow: Sendable {
    /// `A`, `B`, `C`…
    package var letter: String
    package var name: String
    /// The model, the plan in full, bytes a token.
    package var figures: [String]
    package init(letter: String, name: String, figures: [String]) {
      (self.letter, self.name, self.figures) = (letter, name, figures)
    }
  }

  package struct Prompt: Sendable {
    package var text: String
    /// A compared with each other plan.
    package var pairs: [Pair]
    package init(text: String, pairs: [Pair]) { (self.text, self.pairs) = (text, pairs) }
  }

  /// The answers under A and another plan, each with what both plans say of it.
  package struct Pair: Sendable {
    /// The other plan.
    package var letter: String
    package var first, second: ScoredText
    /// Sentences, the verdict first.
    package var verdict: [String]
    package init(letter: String, first: ScoredText, second: ScoredText, verdict: [String]) {
      (self.letter, self.first, self.second, self.verdict) = (letter, first, second, verdict)
    }
  }

  package struct MeanRow: Sendable {
    package var letter: String
    /// `KL 0.312 ± 0.021`, …
    package var figures: [String]
    package init(letter: String, figures: [String]) { (self.letter, self.figures) = (letter, figures) }
  }

  /// How intervals were made.
  package static let intervals = "means over prompts ± 95 % intervals by Student's t"

  /// Tokens of the largest KL that are listed.
  static let worst = 10
}

extension ScoredText {
  /// The whole text, its thought included.
  var text: String { pieces.joined() }

  /// A token of the worst, in a line: `13 “ yellow” · KL 1.055 · …`.
  func line(_ index: Int, _ other: String) -> String {
    ([label(index)] + (readOut(index, other) ?? [])).joined(separator: " · ")
  }
}
