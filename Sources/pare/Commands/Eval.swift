import Analysis
import ArgumentParser
import Foundation
import Inference
import Interface

struct Eval: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a plan's perplexity over a text and its divergence from the baseline.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions

  @Option(name: [.short, .long], help: "The text (default: stdin).")
  var file: String?

  @Option(help: "Tokens of a chunk; the second half of each is scored.")
  var ctx = 512

  @Option(name: [.customShort("n"), .long], help: "Use the first N tokens only.")
  var tokens: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if ctx < 4 { throw ValidationError("--ctx \(ctx): use 4 or more") }
    if let tokens, tokens < 1 { throw ValidationError("-n \(tokens): use 1 or more") }
  }

  // The names that scripts rely on.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Output: Encodable {
    var tokens: Int
    var perplexity: Double
    var baseline_perplexity: Double
    var kl_mean: Double
    var kl_median: Double
    var kl_p99: Double
    var js_mean: Double
    var same_top: Double
    var bits_per_weight: Double
    var bytes_per_token: Int
    var kv_bytes_per_token: Int
    /// The effect of healing on held-out text, where the plan heals.
    var healing: Healing?

    struct Healing: Encodable {
      var kl_unhealed: Double
      var kl_healed: Double
    }
  }

  func run() throws {
    let data = try input(file)
    let context = try model.open(plan)
    // As in llama-perplexity: the text begins with BOS, and the tokens behind it move on by one.
    let ids = try context.model.textTokens(
      data, bos: context.model.tokenizer.addsBOS, limit: tokens, from: file)
    let baseline =
      context.plan == .baseline
      ? context
      : try InferenceContext(
        context.model, threads: context.summary.threads, context: ctx, weightCache: context.weightCache,
        beside: [context],
        progress: progress("packing weights"))
    let evaluation = try Evaluation(
      of: ids, under: context, against: baseline, contextLength: ctx, progress: progress("evaluating"))
    let figures = context.figures()
    let output = Output(
      tokens: evaluation.tokens, perplexity: evaluation.perplexity,
      baseline_perplexity: evaluation.baselinePerplexity, kl_mean: evaluation.meanKL,
      kl_median: evaluation.klQuantile(0.5), kl_p99: evaluation.klQuantile(0.99),
      js_mean: evaluation.meanJS, same_top: evaluation.sameTop, bits_per_weight: figures.bitsPerWeight,
      bytes_per_token: figures.weightBytesPerToken, kv_bytes_per_token: figures.kvBytesPerPosition,
      healing: figures.healing.map { .init(kl_unhealed: $0.unhealed, kl_healed: $0.healed) })
    if [output.perplexity, output.baseline_perplexity, output.kl_mean].contains(where: \.isNaN) {
      (output.baseline_perplexity.isNaN ? baseline : context).noteNaN()
    }
    if json { return try printJSON(output) }
    try printLine("\(context.model.name) · \(context.plan) · \(evaluation.tokens) tokens")
    let kl = [output.kl_mean, output.kl_median, output.kl_p99].map { Figures.fixed($0, 4) }
    try printLine(
      "perplexity \(Figures.fixed(output.perplexity, 3)) "
        + "(baseline \(Figures.fixed(output.baseline_perplexity, 3)))   "
        + "KL \(kl[0]) nats (median \(kl[1]), 99 % \(kl[2]))   "
        + "same top \(Figures.fixed(100 * output.same_top, 1)) %")
    if let healing = output.healing {
      try printLine(
        "healing \(context.plan.heal): KL \(Figures.fixed(healing.kl_unhealed, 4)) → "
          + "\(Figures.fixed(healing.kl_healed, 4)) nats on text it was not fitted on")
    }
  }
}
