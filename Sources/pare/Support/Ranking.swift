import Analysis
import Foundation
import Inference
import Interface

/// Similarity and damage of every sublayer and block, to print.
struct Ranking {
  let output: Output
  /// Whether some damage is missing, since the measurement was interrupted.
  var isPart = false

  struct Output: Encodable {
    struct Entry: Encodable {
      var layer: Int
      var similarity: Float?
      var kl: Double?
      var perplexity: Double?
      // swift-format-ignore: AlwaysUseLowerCamelCase
      var same_top: Double?

      /// The damage to sort by, with what is no number last.
      fileprivate var cost: Double { kl.flatMap { $0.isNaN ? nil : $0 } ?? .infinity }
      /// The same of similarity.
      fileprivate var closeness: Float { similarity.flatMap { $0.isNaN ? nil : $0 } ?? -.infinity }
      fileprivate var isNumber: Bool { similarity?.isNaN != true && kl?.isNaN != true }
    }
    struct Head: Encodable {
      var layer: Int
      var head: Int
      var kl: Double
      var perplexity: Double
      // swift-format-ignore: AlwaysUseLowerCamelCase
      var same_top: Double
    }
    var tokens: Int
    var attention: [Entry]
    var mlp: [Entry]
    var block: [Entry]
    /// nil where heads are not measured.
    var heads: [Head]?
    /// The KL of the plan with nothing more dropped.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var undropped_kl: Double?
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var baseline_perplexity: Double?
  }

  init(_ ranking: SimilarityRanking) {
    func entries(_ values: [Float?]) -> [Output.Entry] {
      values.enumerated().map { Output.Entry(layer: $0, similarity: $1) }
    }
    output = Output(
      tokens: ranking.tokens, attention: entries(ranking.attention), mlp: entries(ranking.mlp),
      block: entries(ranking.block))
  }

  init(_ report: DamageReport, layers: Int, isOfHeads: Bool = false, isPart: Bool) {
    func entries(_ part: Part) -> [Output.Entry] {
      (0..<layers).map { layer in
        let entry = report[Droppable(part, layer)]
        return Output.Entry(
          layer: layer, similarity: entry?.similarity, kl: entry?.damage.kl,
          perplexity: entry?.damage.perplexity, same_top: entry?.damage.sameTop)
      }
    }
    output = Output(
      tokens: report.tokens, attention: entries(.attention), mlp: entries(.mlp), block: entries(.block),
      heads: isOfHeads ? Self.heads(report) : nil,
      undropped_kl: report.undropped.kl, baseline_perplexity: report.baseline.perplexity)
    self.isPart = isPart
  }

  /// The heads that are measured, by layer.
  private static func heads(_ report: DamageReport) -> [Output.Head] {
    report.entries.compactMap { entry in
      entry.dropped.head.map {
        Output.Head(
          layer: entry.dropped.layer, head: $0, kl: entry.damage.kl, perplexity: entry.damage.perplexity,
          same_top: entry.damage.sameTop)
      }
    }
    .sorted { ($0.layer, $0.head) < ($1.layer, $1.head) }
  }

  /// Whether some figure is NaN.
  var hasNaN: Bool {
    !(output.attention + output.mlp + output.block).allSatisfy(\.isNumber)
      || output.heads?.contains { $0.kl.isNaN } == true || output.baseline_perplexity?.isNaN == true
  }

  /// A note for people beside the figures.
  var caution: String {
    "models rarely do without their first and last layers, "
      + "0 and \(output.attention.count - 1), whatever the figures say"
  }

  enum Order: String, CaseIterable { case layer, similarity, damage }

  /// Lines for people: a row for each layer, or one for each sublayer and block in an order.
  func lines(_ order: Order) -> [String] {
    if let heads = output.heads { return lines(of: heads, order) }
    return order == .layer ? table() : list(order)
  }

  private func lines(of heads: [Output.Head], _ order: Order) -> [String] {
    func cost(_ head: Output.Head) -> Double { head.kl.isNaN ? .infinity : head.kl }
    let sorted = order == .layer ? heads : heads.sorted { cost($0) < cost($1) }
    return ["layer  head        KL  perplexity  same top"]
      + sorted.map {
        "\($0.layer)".leftPadded(5) + "\($0.head)".leftPadded(6) + Figures.fixed($0.kl, 4).leftPadded(10)
          + Figures.fixed($0.perplexity, 2).leftPadded(12)
          + (Figures.fixed(100 * $0.same_top, 1) + " %").leftPadded(10)
      } + [footer]
  }

  private func table() -> [String] {
    let isMeasured = output.undropped_kl != nil
    let columns = [("attention", output.attention), ("MLP", output.mlp), ("block", output.block)]
    let head = columns.map { name, _ in
      name.leftPadded(10) + (isMeasured ? "KL".leftPadded(9) : "rank".leftPadded(6))
    }
    return ["layer" + head.joined()]
      + output.attention.indices.map { layer in
        let cells = columns.map { _, entries in
          let similarity = entries[layer].similarity.map { Figures.fixed(Double($0), 4) } ?? "dropped"
          let second =
            isMeasured
            ? (entries[layer].kl.map { Figures.fixed($0, 4) } ?? "–").leftPadded(9)
            : (Self.rank(layer, entries).map(String.init) ?? "–").leftPadded(6)
          return similarity.leftPadded(10) + second
        }
        return "\(layer)".leftPadded(5) + cells.joined()
      } + [footer]
  }

  private func list(_ order: Order) -> [String] {
    let all = [("attention", output.attention), ("MLP", output.mlp), ("block", output.block)]
      .flatMap { name, entries in entries.map { (name: name, entry: $0) } }
      .filter { order == .damage ? $0.entry.kl != nil : $0.entry.similarity != nil }
    let sorted = all.sorted {
      order == .damage ? $0.entry.cost < $1.entry.cost : $0.entry.closeness > $1.entry.closeness
    }
    return ["sublayer       similarity        KL  perplexity  same top"]
      + sorted.map { name, entry in
        name.padding(toLength: 10, withPad: " ", startingAt: 0) + "\(entry.layer)".leftPadded(4)
          + (entry.similarity.map { Figures.fixed(Double($0), 4) } ?? "–").leftPadded(11)
          + (entry.kl.map { Figures.fixed($0, 4) } ?? "–").leftPadded(10)
          + (entry.perplexity.map { Figures.fixed($0, 2) } ?? "–").leftPadded(12)
          + (entry.same_top.map { Figures.fixed(100 * $0, 1) + " %" } ?? "–").leftPadded(10)
      } + [footer]
  }

  private var footer: String {
    guard let undropped = output.undropped_kl, let perplexity = output.baseline_perplexity else {
      return "similarity over \(output.tokens) tokens; rank 1 is the most similar"
    }
    let own = undropped == 0 ? "" : ", \(Figures.fixed(undropped, 4)) with nothing more dropped"
    return "over \(output.tokens) tokens: KL to the baseline in nats a token\(own); its perplexity is "
      + Figures.fixed(perplexity, 2)
  }

  /// 1 for the most similar.
  private static func rank(_ layer: Int, _ entries: [Output.Entry]) -> Int? {
    entries[layer].similarity.flatMap { own in
      own.isNaN ? nil : 1 + entries.count { $0.similarity ?? -1 > own }
    }
  }
}

extension String {
  /// With spaces before it.
  func leftPadded(_ width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
