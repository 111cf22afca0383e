import Analysis
import ArgumentParser
import Foundation
import Inference
import Tokenization

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer one prompt under several plans, and tell where and how far the answers part.",
    discussion: """
      The first plan is what the others are compared with: KL(first ‖ other) at each token of the other's \
      answer. With one plan alone that is the baseline. All answers are drawn with the same seed.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var prompt: PromptOptions
  @OptionGroup var sampling: SamplingArguments

  @Option(
    name: .customLong("plan"),
    help: ArgumentHelp(
      "A plan file, a saved plan's name, or baseline; once for each plan.", valueName: "plan"))
  var plans: [String] = []

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if plans.isEmpty { throw ValidationError("give a --plan for each plan to compare") }
  }

  private struct Output: Encodable {
    var runs: [AnswerUnderPlan]
    private enum CodingKeys: CodingKey { case runs }

    /// The comparison of the second run is repeated at the top level.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(runs, forKey: .runs)
      try runs[1].comparison?.encode(to: encoder)
    }
  }

  func run() throws {
    let text = try prompt.text(), template = try chatTemplate(prompt.template)
    let names = plans.count == 1 ? ["baseline"] + plans : plans
    let reference = try model.open(NamedPlan(name: names[0]), template: template)
    var sampling = try sampling.options(for: reference.model, tokens: prompt.tokens)
    let tokens = try prompt.tokens(of: text, sampling.prompt, in: reference)
    sampling.seed = sampling.seed ?? .random(in: 0...UInt64(UInt32.max))

    let others = try names.dropFirst().map { try NamedPlan(name: $0).plan(for: reference.model) }

    func answer(in context: InferenceContext, _ name: String) throws -> AnswerUnderPlan {
      let plan = "\(context.plan)"
      if !json { try printLine("── \(name == plan ? name : "\(name) · \(plan)")") }
      let answer: AnswerOutput
      do { answer = try prompt.answer(tokens, in: context, sampling, isShown: !json) } catch let error
        as NaNError
      {
        throw error.naming("plan \(name)")
      }
      if !json { try printLine("") }
      if answer.stop == .interrupted { throw CancellationError() }
      return AnswerUnderPlan(answer, context)
    }
    var runs = [try answer(in: reference, names[0])]
    if !json { try printFigures(runs[0]) }
    // The others take turns in a context of their own.
    let context = try InferenceContext(
      reference.model, plan: others[0], threads: reference.summary.threads, context: reference.capacity,
      weightCache: reference.weightCache, beside: [reference],
      progress: progress("packing weights"))
    for (name, plan) in zip(names.dropFirst(), others) {
      try context.use(plan, progress: progress("re-encoding"))
      context.noteWarnings()
      context.forget()  // so that each run's figures are of the whole prompt
      var run = try answer(in: context, name)
      let divergence = try AnswerDivergence(
        of: run.answer.token_ids.map(Token.init), after: tokens, under: context, against: reference,
        progress: progress("comparing"))
      if divergence.meanKL?.isNaN == true { context.noteNaN() }
      run.compare(with: runs[0], divergence)
      runs.append(run)
      if !json { try printFigures(run) }
    }
    if json { try printJSON(Output(runs: runs)) }
  }

  private func printFigures(_ run: AnswerUnderPlan) throws {
    try printLine(run.figures)
    try printLine("")
  }
}
