import Analysis
import ArgumentParser
import Foundation
import Inference

struct Search: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Seek plans that reach a target with little damage, and print the best as a frontier.",
    discussion: """
      Plans are chosen on three quarters of a text, and judged on the rest: all figures are from there. \
      Methods: similarity (the most similar sublayers of the intact model), damage (those whose drop alone \
      does least), greedy (one after the other, measured anew), exchange (greedy, with earlier choices \
      exchanged for others while that helps).
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions

  @Option(name: [.short, .long], help: "The text (default: a built-in one, of many kinds).")
  var file: String?

  @Flag(help: "Measure over built-in questions with thoughts and answers.")
  var thoughts = false

  @Option(name: [.customShort("n"), .long], help: "Use N tokens of the text.")
  var tokens = PlanSearch.defaultTokens

  @Option(
    help: ArgumentHelp(
      "kl=0.1 (fewest bytes at this KL), drop=8 (least KL with so many sublayers dropped) or bytes=0.8 "
        + "(least KL at this share of the baseline's bytes a token).", valueName: "target"),
    transform: SearchTarget.init)
  var target: SearchTarget

  @Option(
    help: ArgumentHelp("What may change: attn, mlp, bits.", valueName: "list"),
    transform: SearchDimension.parse)
  var over: [Set<SearchDimension>] = []

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if thoughts, file != nil { throw ValidationError("--thoughts and --file: give one text") }
    let allowed = PlanSearch.allowedTokens
    if !allowed.contains(tokens) {
      throw ValidationError("-n \(tokens): use \(allowed.lowerBound) to \(allowed.upperBound), better 1000")
    }
  }

  func run() throws {
    let text: TrialText =
      try file.map { .text([UInt8](try input($0))) } ?? (thoughts ? .thoughts : .builtin)
    let context = try model.open(plan)
    if context.plan.heals { note("plans are searched without healing") }
    let search = PlanSearch(
      target, over: over.isEmpty ? nil : over.reduce([]) { $0.union($1) }, from: context.plan, text: text,
      tokens: tokens)
    let (report, isStopped) = try context.run(search, "searching", reporting: SearchReport.self)
    if report.points.contains(where: { $0.damage.kl.isNaN }) {
      note("NaN: some plans' predictions are no numbers; they are left out of frontier and found")
    }
    let output = SearchOutput(report)
    if json { try printJSON(output) } else { for line in output.lines { try printLine(line) } }
    if isStopped { throw CancellationError() }
  }
}
