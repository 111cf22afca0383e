import Analysis
import ArgumentParser
import Foundation
import Inference

struct Rank: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Print the similarity of every sublayer over a text, and with --measure the damage of its drop.",
    discussion: """
      The most similar are guessed to be the most redundant. Damage is measured: KL divergence of the plan \
      without the sublayer from the baseline, in nats a token.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions

  @Option(name: [.short, .long], help: "The text (default: stdin; with --measure, a built-in one).")
  var file: String?

  @Option(name: [.customShort("n"), .long], help: "Use the first N tokens only.")
  var tokens: Int?

  @Flag(
    help: "Measure the damage of dropping each sublayer and block alone, over 256 tokens unless -n says more."
  )
  var measure = false

  @Flag(help: "With --measure: the damage of dropping each head alone, in place of sublayers and blocks.")
  var heads = false

  @Flag(help: "Measure over built-in questions with thoughts and answers.")
  var thoughts = false

  @Option(help: "Order of the rows: layer, similarity or damage.")
  var sort: Ranking.Order?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if thoughts, !measure || file != nil {
      throw ValidationError("--thoughts: needs --measure, and no --file")
    }
    if heads, !measure { throw ValidationError("--heads: needs --measure") }
    if heads, sort == .similarity { throw ValidationError("--sort similarity: heads have none") }
    if let tokens, tokens < 1 { throw ValidationError("-n \(tokens): use 1 or more") }
    if measure, let tokens, !DamageMeasurement.allowedTokens.contains(tokens) {
      let most = DamageMeasurement.allowedTokens.upperBound
      throw ValidationError("-n \(tokens): --measure takes 2 to \(most)")
    }
    if sort == .damage, !measure { throw ValidationError("--sort damage: needs --measure") }
  }

  func run() throws {
    let ranking: Ranking, context: InferenceContext
    if measure {
      context = try model.open(plan)
      ranking = try measured(in: context)
    } else {
      let data = try input(file)
      context = try model.open(plan, recordsSimilarity: true)
      let ids = try context.model.textTokens(data, limit: tokens, from: file)
      ranking = Ranking(try SimilarityRanking(over: ids, in: context, progress: progress("reading")))
    }
    note(ranking.caution)
    if ranking.hasNaN { context.noteNaN() }
    if json {
      try printJSON(ranking.output)
    } else {
      for line in ranking.lines(sort ?? (measure ? .damage : .layer)) { try printLine(line) }
    }
    if ranking.isPart { throw CancellationError() }
  }

  private func measured(in context: InferenceContext) throws -> Ranking {
    let text: TrialText =
      try file.map { .text([UInt8](try input($0))) } ?? (thoughts ? .thoughts : .builtin)
    let (report, isPart) = try context.damage(
      of: heads ? .heads : .sublayersAndBlocks, over: text, tokens: tokens ?? DamageMeasurement.defaultTokens)
    return Ranking(report, layers: context.model.shape.layers, isOfHeads: heads, isPart: isPart)
  }
}

extension Ranking.Order: ExpressibleByArgument {}
