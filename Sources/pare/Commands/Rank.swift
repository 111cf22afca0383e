import Analysis
import ArgumentParser
import Foundation
import Inference

struct Rank: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the similarity of every sublayer over a text: the most similar are the most redundant.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions

  @Option(name: [.short, .long], help: "The text (default: stdin).")
  var file: String?

  @Option(name: [.customShort("n"), .long], help: "Use the first N tokens only.")
  var tokens: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if let tokens, tokens < 1 { throw ValidationError("-n \(tokens): use 1 or more") }
  }

  private struct Output: Encodable {
    struct Entry: Encodable {
      var layer: Int
      var similarity: Float?
    }
    var tokens: Int
    var attention: [Entry]
    var mlp: [Entry]
    var block: [Entry]
  }

  func run() throws {
    let data = try input(file)
    let context = try model.open(plan, recordsSimilarity: true)
    let ids = try context.model.textTokens(data, limit: tokens, from: file)
    let ranking = try SimilarityRanking(over: ids, in: context, progress: progress("reading"))
    if json {
      func entries(_ values: [Float?]) -> [Output.Entry] {
        values.enumerated().map { Output.Entry(layer: $0, similarity: $1) }
      }
      return try printJSON(
        Output(
          tokens: ranking.tokens, attention: entries(ranking.attention), mlp: entries(ranking.mlp),
          block: entries(ranking.block)))
    }
    print("layer  attention  rank    mlp  rank  block  rank   (similarity over \(ranking.tokens) tokens)")
    let columns = [ranking.attention, ranking.mlp, ranking.block].map { (values: $0, ranks: ranks($0)) }
    for layer in ranking.attention.indices {
      let cells = columns.map { column in
        String(format: "%9@ %5@", text(column.values[layer]), column.ranks[layer].map(String.init) ?? "–")
      }
      print(String(format: "%5d", layer), cells.joined(separator: " "))
    }
  }

  private func text(_ value: Float?) -> String { value.map { String(format: "%.4f", $0) } ?? "dropped" }

  /// 1 for the most similar.
  private func ranks(_ values: [Float?]) -> [Int?] {
    let order = values.indices.filter { values[$0] != nil }.sorted { values[$0]! > values[$1]! }
    var ranks = [Int?](repeating: nil, count: values.count)
    for (rank, layer) in order.enumerated() { ranks[layer] = rank + 1 }
    return ranks
  }
}
