import Analysis
import Foundation
import Inference
import Tokenization

/// A text whose tokens two plans, A and B, have predicted.
package struct ScoredText: Sendable, Equatable {
  /// The text of each token.
  package var pieces: [String]
  /// The part of the answer that each belongs to.
  package var parts: [AnswerPart]
  /// As far as it is computed.
  package internal(set) var divergence: AnswerDivergence
  /// The texts of the likeliest tokens.
  var names: [Token: String] = [:]

  /// - Parameter divergence: nothing need be compared yet.
  package init(pieces: [String], parts: [AnswerPart], _ divergence: AnswerDivergence) {
    self.pieces = pieces
    self.parts = parts
    self.divergence = divergence
  }

  /// Takes what is compared by now.
  package mutating func update(_ divergence: AnswerDivergence, _ tokenizer: Tokenizer) {
    for token in divergence.tokens[self.divergence.tokens.count...] {
      for top in [token.first.top, token.second.top] where names[top] == nil {
        names[top] = tokenizer.text(of: top)
      }
    }
    self.divergence = divergence
  }

  /// A token as a read-out names it.
  package func label(_ index: Int) -> String {
    pieces.indices.contains(index) ? HeatmapAxis.quoted(pieces[index], width: 16) : "–"
  }

  /// The likeliest token of a prediction, and its probability: `“ way” 61 %`.
  package func top(_ prediction: TokenDivergence.Prediction) -> String {
    guard prediction.rank != nil else { return "NaN" }
    return "\(name(prediction)) \(percent(prediction))"
  }

  private func name(_ prediction: TokenDivergence.Prediction) -> String {
    HeatmapAxis.quoted(names[prediction.top] ?? "", width: 16)
  }

  private func percent(_ prediction: TokenDivergence.Prediction) -> String {
    Self.percent(exp(Double(prediction.topLogProbability)))
  }

  /// What is known of a token: KL, JS, its rank, and what each plan would have said; nil where it is not compared.
  ///
  /// - Parameter other: The name of B.
  package func readOut(_ index: Int, _ other: String = "B") -> [String]? {
    guard divergence.tokens.indices.contains(index) else { return nil }
    let token = divergence.tokens[index]
    func rank(_ prediction: TokenDivergence.Prediction) -> String { prediction.rank.map { "\($0)" } ?? "NaN" }
    let says =
      token.sameTop && token.first.rank != nil
      ? "both say \(name(token.first)), A \(percent(token.first)), \(other) \(percent(token.second))"
      : "A says \(top(token.first)), \(other) \(top(token.second))"
    return [
      "KL \(Figures.fixed(token.kl, 3))", "JS \(Figures.fixed(token.js, 3))",
      "rank \(rank(token.first)) in A, \(rank(token.second)) in \(other)", says,
    ]
  }

  /// A probability: `61 %`, `0.4 %`.
  package static func percent(_ probability: Double) -> String {
    let percent = 100 * probability
    return Figures.fixed(percent, percent < 9.95 && percent != 0 ? 1 : 0) + " %"
  }
}

/// The scale of a KL for eyes: the same in all comparisons, so that shades can be compared.
package enum KLScale {
  /// What has the strongest shade, in nats.
  static let most = 2.0

  /// The place of a KL on the scale, 0…1; its root, so that small ones are seen too. NaN stays so.
  package static func fraction(_ kl: Double) -> Double { kl.isNaN ? .nan : min(1, (kl / most).squareRoot()) }

  private static let heights = Array("▁▂▃▄▅▆▇█")

  /// The largest KL of each stretch of a text, in `width` cells at most; `!` for what is no number, and `·` for what
  /// is not compared yet.
  ///
  /// - Parameter count: Tokens of the whole text.
  static func sparkline(_ kl: [Double], of count: Int, width: Int) -> String {
    let cells = min(max(0, width), count)
    return String(
      (0..<cells).map { cell in
        let tokens = cell * count / cells..<(cell + 1) * count / cells
        guard tokens.upperBound <= kl.count else { return "·" }
        if kl[tokens].contains(where: \.isNaN) { return "!" }
        return heights[min(7, Int(nearest: fraction(kl[tokens].max() ?? 0) * 7))]
      })
  }

  /// The cell of a sparkline that a token is in.
  static func cell(of token: Int, of count: Int, width: Int) -> Int {
    let cells = min(max(0, width), count)
    return (0..<cells).first { (($0 + 1) * count / cells) > token } ?? 0
  }
}
