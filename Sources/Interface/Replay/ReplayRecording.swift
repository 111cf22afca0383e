import Analysis
import Foundation
import Inference
import Sessions
import Tokenization

/// Computes what a replay shows of the inside of the model. A session keeps the tokens and the plan of every
/// answer, and the state of the engine is a function of these, so nothing else has to be kept: the model reads
/// them again.
public struct ReplayRecording: AnalysisJob {
  /// The session.
  public let session: Session
  /// The views of each answer, as `/heat` calls them.
  public var views = Self.standardViews
  /// Damage that was measured earlier under a plan.
  public var damage: @Sendable (Plan) -> DamageReport? = { _ in nil }

  /// The views of a replay where no others are asked for.
  public static let standardViews = ["attn", "mlp", "block", "lens", "norm", "stream", "damage"]
  /// Columns of a map at most, the newest, unless the answer alone is longer.
  static let columns = 512

  public init(_ session: Session) { self.session = session }

  /// In contexts of its own beside `context`, since the chat's holds its tokens and its plan.
  public func run(in context: InferenceContext, _ pace: Pace) throws {
    try run(
      context.model, threads: context.summary.threads, weightCache: context.weightCache, beside: [context],
      pace)
  }

  /// Reports a ``ReplayReport`` of the answers that `model` gave.
  ///
  /// - Parameters:
  ///   - threads: Compute threads; nil for one for each physical core.
  ///   - weightCache: Where packed weights are kept; nil for nowhere.
  ///   - others: Contexts that stay in memory.
  /// - Throws: `CancellationError` when `pace` ends it; ``ContextError`` where there is no memory for it.
  public func run(
    _ model: Model, threads: Int?, weightCache: WeightCache?, beside others: [InferenceContext] = [],
    _ pace: Pace
  ) throws {
    var report = ReplayReport()
    var answers: [(node: Conversation.Node, answer: Answer, text: AnswerTokens)] = []
    for node in session.conversation.nodes {
      guard let answer = node.answer, answer.isOf(model) else { continue }
      let text = AnswerTokens(node, answer, in: session.conversation, model)
      report.answers[node.id] = RecordedAnswer(
        layers: model.shape.layers, pieces: text.pieces, parts: text.parts, note: text.problem)
      if text.problem == nil { answers.append((node, answer, text)) }
    }
    pace.report(.report(report))
    guard let longest = answers.map({ $0.text.prompt.count + $0.text.ids.count }).max() else { return }
    let context = try InferenceContext(
      model, threads: threads, context: longest + 16, weightCache: weightCache, recordsSimilarity: true,
      keepsStream: true, beside: others)
    // For comparisons, made when it is needed.
    var reference: InferenceContext?
    for (index, (node, answer, text)) in answers.enumerated() {
      pace.report(
        .progress(
          WorkProgress(
            what: "recording answer \(index + 1) of \(answers.count)",
            fraction: Double(index) / Double(answers.count))))
      for part in answer.parts where part.from < text.ids.count {
        let tokens = text.prompt + text.ids[..<min(part.end, text.ids.count)]
        report.answers[node.id]?.segments.append(
          try pace.piece { try segment(part, tokens, text, in: context, progress: check($0)) })
      }
      if let other = firstAnswer(to: node), answer.planChanges.isEmpty, other.planChanges.isEmpty,
        other.isOf(model)
      {
        if reference == nil {
          reference = try InferenceContext(
            model, plan: other.plan, threads: threads, context: longest + 16, weightCache: weightCache,
            beside: others + [context])
        }
        report.answers[node.id]?.divergence = try reference.map { reference in
          try pace.piece { stop in
            try reference.use(other.plan, progress: check(stop))
            try context.use(answer.plan, progress: check(stop))
            return try AnswerDivergence(
              of: text.ids, after: text.prompt, under: context, against: reference, progress: check(stop))
          }
        }
      }
      pace.report(.report(report))
    }
  }

  private func check(_ isStopped: @escaping Trials.StopCheck) -> ProgressCheck { { _ in !isStopped() } }

  /// The first answer to the same prompt, which others are compared with; nil for that one.
  private func firstAnswer(to node: Conversation.Node) -> Answer? {
    let answers = node.parent.map { session.conversation.answers(to: $0) } ?? []
    let first = answers.first { $0.answer?.tokenIDs.isEmpty == false }
    return first?.id == node.id ? nil : first?.answer
  }

  /// The maps of the tokens under a plan.
  private func segment(
    _ part: Answer.Part, _ tokens: [Token], _ text: AnswerTokens, in context: InferenceContext,
    progress: @escaping ProgressCheck
  ) throws -> RecordedAnswer.Segment {
    try context.use(part.plan, progress: progress)
    try context.read(tokens, progress: progress)
    let first = max(0, min(tokens.count - Self.columns, text.prompt.count - 1))
    let kept = first..<tokens.count
    var maps: [HeatmapRecord] = []
    for name in views {
      var file = HeatmapFile(view: name, format: .csv)
      file.damage = HeatmapFile.damageViews[name] == nil ? nil : damage(part.plan)
      do {
        maps.append(
          HeatmapRecord(try file.map(of: context, progress: progress), name: name, tokens: kept))
      } catch is HeatmapFile.Failure {}  // such as damage that nobody measured
    }
    return RecordedAnswer.Segment(
      from: part.from, plan: part.plan, prompt: text.prompt.count, first: first,
      labels: kept.map { HeatmapAxis.visible(context.model.tokenizer.text(of: tokens[$0])) }, maps: maps)
  }
}

extension ReplayRecording {
  /// Finds the damage that was measured over the built-in text and kept.
  ///
  /// - Parameter model: The path of its file.
  public static func keptDamage(
    model: String, _ directories: Directories
  ) -> @Sendable (Plan) -> DamageReport? {
    let cache = DamageCache(folder: directories.damage)
    return { plan in
      let job = DamageMeasurement(plan: plan)
      return DamageCache.Key(model: model, plan: job.plan, text: job.text.identity, tokens: job.tokens)
        .flatMap(cache.report)
    }
  }
}

extension Conversation {
  /// The models of the answers, in the order in which they first answered.
  public var models: [ModelReference] {
    nodes.compactMap(\.answer?.model).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
