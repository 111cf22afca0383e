import Analysis
import ArgumentParser
import Foundation
import IO
import Inference
import Interface
import Sessions
import Tokenization

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer prompts under several plans, and tell where and how far the answers part.",
    discussion: """
      The first plan, A, is what the others are compared with: both plans read the answers of both, and KL(A ‖ \
      other) is told at each token. With one plan alone A is the baseline. The options of a plan change the last \
      --plan. With --plan-model the plans but A run in another model file, such as a quantization of the same \
      model, which must have the same tokens; without --plan both run as they are. All answers are drawn with the \
      same seed.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var plan: PlanOptions
  @OptionGroup var prompt: PromptOptions
  @OptionGroup var sampling: SamplingArguments
  @OptionGroup var writing: OutputOptions

  @Option(
    name: [.customShort("f"), .customLong("prompts"), .customLong("file")],
    help: "A file of prompts: one a line, or JSON lines ({\"prompt\": …, \"system\": …}).")
  var prompts: String?

  @Option(help: "A model file, or a name, in which the plans but the first run.")
  var planModel: String?

  @Option(help: "Time the plans in turns, so many times (6 or more for a finding).")
  var turns = 0

  @Option(help: "text, json, md or html (default: by the ending of -o, else text).")
  var format: ComparisonFormat?

  @Flag(help: "Print one JSON object.")
  var json = false

  @Option(name: [.short, .long], help: "The file to write (default: stdout).")
  var output: String?

  func validate() throws {
    if plan.plans.isEmpty, planModel == nil {
      let changes: PlanFile?
      do { changes = try plan.file() } catch { throw ValidationError("\(error)") }
      if changes == nil { throw ValidationError("give a --plan for each plan to compare") }
    }
    if prompts != nil, prompt.prompt != nil { throw ValidationError("-p and -f: give the prompts once") }
    if !(0...1000).contains(turns) { throw ValidationError("--turns \(turns): use 0 to 1000") }
    if json, let format, format != .json { throw ValidationError("--json and --format \(format.rawValue)") }
    if format == nil, !json, let output, ComparisonFormat(path: output) == nil {
      throw ValidationError("-o \(output): end the name in .md, .html, .json or .txt, or give a --format")
    }
  }

  private var chosenFormat: ComparisonFormat {
    json ? .json : format ?? output.flatMap { ComparisonFormat(path: $0) } ?? .text
  }

  /// Whether answers are shown on stdout as they come.
  private var isShown: Bool { chosenFormat == .text && output == nil && prompts == nil }

  /// A plan by the name that it has in the output.
  private struct Entry {
    /// nil for one that has none.
    var name: String?
    var source: any PlanSource

    /// The name beside the plan in full, where it is another.
    func label(_ plan: Plan) -> String {
      name.flatMap { $0 == "\(plan)" ? nil : "\($0) · \(plan)" } ?? "\(plan)"
    }
  }

  /// `A`, `B`, `C`…
  private static func letter(_ index: Int) -> String {
    index < 26 ? String(UnicodeScalar(UInt8(65 + index))) : "P\(index + 1)"
  }

  /// The plans, A first.
  private func entries() throws -> [Entry] {
    let names = plan.plans
    let last = try names.last.flatMap { try NamedPlan(name: $0).file() }
    let hasChanges = try plan.file()?.plan ?? .baseline != last?.plan ?? .baseline
    var entries = names.map { Entry(name: $0, source: NamedPlan(name: $0)) }
    if hasChanges {
      if !entries.isEmpty { entries.removeLast() }
      entries.append(Entry(name: names.last.map { "\($0), changed" }, source: plan))
    }
    let baseline = Entry(name: "baseline", source: NamedPlan(name: "baseline"))
    while entries.count < 2 { entries.insert(baseline, at: 0) }
    return entries
  }

  func run() throws {
    let file = try output.map { output in
      let others = try planModel == nil ? [] : otherFile.files()
      return try writing.file(output, inputs: try model.files() + others + plan.paths + [prompts])
    }
    let entries = try entries()
    let list =
      try prompts.map { try PromptList.entries(of: $0) } ?? [.init(text: try prompt.text(nil, file: nil))]
    if let prompts, list.count > 1 { note("\(prompts): \(list.count) prompts") }
    let template = try chatTemplate(prompt.template)
    let reference = try model.open(entries[0].source, template: template)
    var sampling = try sampling.options(for: reference.model, tokens: prompt.tokens)
    sampling.seed = sampling.seed ?? .random(in: 0...UInt64(UInt32.max))
    let tokens = try list.map { entry in
      var prompt = prompt
      prompt.system = entry.system ?? prompt.system
      return try prompt.tokens(of: entry.text, sampling.prompt, in: reference)
    }
    let other = try otherModel(template, reference.model)
    let plans = try entries.dropFirst().map { try $0.source.plan(for: other) }

    var compared = list.map { ComparedPrompt(text: String(decoding: $0.text, as: UTF8.self), runs: []) }
    for (index, prompt) in tokens.enumerated() {
      compared[index].runs.append(try answer(prompt, in: reference, entries[0], sampling))
    }
    // The others take turns in a context of their own.
    let context = try InferenceContext(
      other, plan: plans[0], threads: reference.summary.threads, context: reference.capacity,
      weightCache: reference.weightCache, beside: [reference], progress: progress("packing weights"))
    for (number, (entry, plan)) in zip(entries.dropFirst(), plans).enumerated() {
      try context.use(plan, progress: progress("re-encoding"))
      context.noteWarnings()
      for (index, prompt) in tokens.enumerated() {
        context.forget()  // so that each run's figures are of the whole prompt
        var run = try answer(prompt, in: context, entry, sampling)
        try compare(
          &run, as: Self.letter(number + 1), with: compared[index].runs[0], after: prompt, context, reference)
        compared[index].runs.append(run)
        if isShown { try printFigures(run) }
      }
    }
    try write(compared, entries, [reference] + plans.map { _ in context }, seed: sampling.seed, to: file)
  }

  /// The options of the model of the plans but the first.
  private var otherFile: ModelOptions {
    var options = model
    options.model = planModel
    return options
  }

  /// The model of the plans but the first.
  private func otherModel(_ template: String?, _ own: Model) throws -> Model {
    guard let planModel else { return own }
    let other = try Model(path: otherFile.url().path, template: template)
    if let difference = other.tokenizer.difference(from: own.tokenizer, names: (other.name, own.name)) {
      throw InputError(
        description:
          "\(planModel): cannot be compared with \(own.name), whose tokens are others: \(difference)"
          .onOneLine)
    }
    return other
  }

  private func answer(
    _ tokens: [Token], in context: InferenceContext, _ entry: Entry, _ sampling: SamplingOptions
  ) throws -> AnswerUnderPlan {
    if isShown { try printLine("── \(entry.label(context.plan))") }
    let answer: AnswerOutput
    do { answer = try prompt.answer(tokens, in: context, sampling, isShown: isShown) } catch let error
      as NaNError
    {
      throw error.naming("plan \(entry.name ?? "\(context.plan)")")
    }
    if isShown { try printLine("") }
    if answer.stop == .interrupted { throw CancellationError() }
    return AnswerUnderPlan(answer, context)
  }

  /// Has both plans read both answers.
  private func compare(
    _ run: inout AnswerUnderPlan, as name: String, with first: AnswerUnderPlan, after prompt: [Token],
    _ context: InferenceContext, _ reference: InferenceContext
  ) throws {
    let tokenizer = reference.model.tokenizer
    let thinking = self.prompt.raw ? nil : reference.model.chatFormat.thinking
    func scored(_ ids: [Token]) throws -> ScoredText {
      var text = ScoredText(ids, after: prompt, thinking: thinking, tokenizer)
      text.update(
        try AnswerDivergence(
          of: ids, after: prompt, under: context, against: reference, progress: progress("comparing")),
        tokenizer)
      return text
    }
    let texts = (first: try scored(first.ids), own: try scored(run.ids))
    if [texts.first, texts.own].contains(where: { $0.divergence.meanKL?.isNaN == true }) {
      context.noteNaN()
    }
    var speeds: SpeedTurns?
    if turns > 0, !first.ids.isEmpty {
      speeds = SpeedTurns()
      let check = progress("timing in turns")
      var warmUp = SpeedTurns()
      try warmUp.measure(first.ids, after: prompt, in: reference, context) { check($0) }
      for _ in 0..<turns {
        try speeds?.measure(first.ids, after: prompt, in: reference, context) { check($0) }
      }
    }
    run.compare(with: first, as: name, texts, turns: speeds)
  }

  // MARK: Output

  private func printFigures(_ run: AnswerUnderPlan) throws {
    try printLine(run.figures)
    if let verdict = run.comparison?.verdict { try printLine(verdict.joined(separator: "; ")) }
    try printLine("")
  }

  private func write(
    _ compared: [ComparedPrompt], _ entries: [Entry], _ contexts: [InferenceContext], seed: UInt64?,
    to file: OutputFile?
  ) throws {
    let means =
      compared.count > 1 ? (1..<entries.count).compactMap { PromptMeans($0, of: compared) } : []
    let text: String
    switch chosenFormat {
    case .json:
      let json =
        try compared.count > 1
        ? NumberedJSON(ComparedPrompts(prompts: compared, means: means)) : NumberedJSON(compared[0])
      guard file != nil else { return try printJSON(json) }
      json.noteNulls()
      text = String(decoding: json.data, as: UTF8.self) + "\n"
    case .text:
      guard !isShown else { return }
      text = plainText(compared, entries, means)
    case .md: text = report(compared, entries, contexts, means, seed).markdown()
    case .html: text = report(compared, entries, contexts, means, seed).html()
    }
    guard let file else { return try TextOutput.standard.text(text) }
    try file.write(text.utf8)
    try file.finish()
  }

  private func plainText(_ compared: [ComparedPrompt], _ entries: [Entry], _ means: [PromptMeans]) -> String {
    var lines: [String] = []
    for (index, prompt) in compared.enumerated() {
      if compared.count > 1 { lines += ["── prompt \(index + 1): \(prompt.text.onOneLine)", ""] }
      for (entry, run) in zip(entries, prompt.runs) {
        lines += ["── \(entry.label(run.plan))", run.answer.text.sanitized, run.figures]
        if let verdict = run.comparison?.verdict { lines.append(verdict.joined(separator: "; ")) }
        lines.append("")
      }
    }
    if !means.isEmpty { lines.append("── \(compared.count) prompts: \(ComparisonReport.intervals)") }
    lines += means.map {
      "\(entries[$0.run].label(compared[0].runs[$0.run].plan)): \($0.figures.joined(separator: " · "))"
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func report(
    _ compared: [ComparedPrompt], _ entries: [Entry], _ contexts: [InferenceContext], _ means: [PromptMeans],
    _ seed: UInt64?
  ) -> ComparisonReport {
    let models = contexts.map { "\($0.model.name) (\($0.model.fileType))" }
    var report = ComparisonReport(
      about: "\(Array(Set(models)).sorted().joined(separator: " and ")) · seed \(seed.map { "\($0)" } ?? "–")"
    )
    report.plans = entries.indices.map { index in
      let run = compared[0].runs[index]
      return ComparisonReport.PlanRow(
        letter: Self.letter(index), name: entries[index].name ?? "",
        figures: [
          models[index], "\(run.plan)", String(format: "%.1f MB/token", Double(run.bytesPerToken) / 1e6),
        ])
    }
    report.means = means.map { .init(letter: Self.letter($0.run), figures: $0.figures) }
    report.prompts = compared.map { prompt in
      ComparisonReport.Prompt(
        text: prompt.text,
        pairs: prompt.runs.enumerated().compactMap { index, run in
          run.comparison.map {
            .init(letter: Self.letter(index), first: $0.first, second: $0.own, verdict: $0.verdict)
          }
        })
    }
    return report
  }
}

extension ComparisonFormat: ExpressibleByArgument {}
