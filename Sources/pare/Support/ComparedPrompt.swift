import Analysis
import Foundation
import IO
import Inference
import Interface

/// The answers to a prompt under several plans, the first of which the others are compared with.
struct ComparedPrompt: Encodable {
  /// The prompt as it was asked.
  var text: String
  var runs: [AnswerUnderPlan]

  private enum CodingKeys: CodingKey { case prompt, runs }

  /// The comparison of the second run is repeated at the top level.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(text, forKey: .prompt)
    try container.encode(runs, forKey: .runs)
    try runs[1].comparison?.encode(to: encoder)
  }
}

/// Means of a plan over several prompts; of each prompt over both texts.
struct PromptMeans: Encodable {
  /// The place of the plan among the runs, from 1; the first plan is 0.
  var run: Int
  var kl, js, sameTop: MeanInterval

  /// nil where a prompt has no tokens to compare.
  init?(_ run: Int, of prompts: [ComparedPrompt]) {
    let means = prompts.compactMap { $0.runs[run].comparison?.means }
    guard let kl = MeanInterval(means.map(\.kl)), let js = MeanInterval(means.map(\.js)),
      let sameTop = MeanInterval(means.map(\.sameTop))
    else { return nil }
    self.run = run
    (self.kl, self.js, self.sameTop) = (kl, js, sameTop)
  }

  private enum Key: String, CodingKey { case run, kl, js, sameTop = "same_top", prompts }
  private enum IntervalKey: CodingKey { case mean, low, high }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(run, forKey: .run)
    try container.encode(kl.count, forKey: .prompts)
    // An interval ends where the figure can go no further.
    for (key, value, most) in [(Key.kl, kl, Double.infinity), (.js, js, .infinity), (.sameTop, sameTop, 1)] {
      var interval = container.nestedContainer(keyedBy: IntervalKey.self, forKey: key)
      try interval.encode(value.mean, forKey: .mean)
      try interval.encode(value.margin.map { (value.mean - $0).clamped(0, most) }, forKey: .low)
      try interval.encode(value.margin.map { (value.mean + $0).clamped(0, most) }, forKey: .high)
    }
  }

  /// `KL 0.3120 ± 0.0210`, `JS …`, `same top 81 ± 3 %`.
  var figures: [String] {
    func text(_ value: MeanInterval, _ decimals: Int, scale: Double = 1) -> String {
      Figures.fixed(scale * value.mean, decimals)
        + (value.margin.map { " ± \(Figures.fixed(scale * $0, decimals))" } ?? "")
    }
    return [
      "KL \(text(kl, 4)) nats a token", "JS \(text(js, 4))", "same top \(text(sameTop, 1, scale: 100)) %",
    ]
  }
}

extension Double {
  /// The nearest in a range; NaN stays so.
  fileprivate func clamped(_ least: Double, _ most: Double) -> Double {
    self < least ? least : self > most ? most : self
  }
}

/// A comparison over several prompts in JSON.
struct ComparedPrompts: Encodable {
  var prompts: [ComparedPrompt]
  var means: [PromptMeans]
  /// How the intervals of `means` were made.
  var interval = "95 % by Student's t over prompts"
}

/// The form of a comparison's output.
enum ComparisonFormat: String, CaseIterable {
  case text, json, md, html

  /// By the ending of a file's name.
  init?(path: String) {
    let ending = URL(filePath: path).pathExtension.lowercased()
    self.init(rawValue: ending == "txt" ? "text" : ending == "markdown" ? "md" : ending)
  }
}
