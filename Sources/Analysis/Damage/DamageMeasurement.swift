import Inference
import Tokenization

/// The measurement of the damage of dropping each sublayer and block alone, or each head, under a plan.
public struct DamageMeasurement: AnalysisJob {
  /// The plan from which each part is dropped; without its healing, which would have to be fitted for each.
  public var plan: Plan
  /// What is dropped, each alone.
  public var units: Units
  public var text: TrialText
  /// Tokens of the text that are used, at most.
  public var tokens: Int
  /// Earlier results of the same measurement; they are not measured again.
  public var known: DamageReport?

  /// The kinds of what can be dropped alone.
  public enum Units: Sendable, Hashable {
    case sublayersAndBlocks, heads
  }

  /// Tokens where the user names no number.
  public static let defaultTokens = 256
  /// The bounds of ``tokens`` for users.
  public static let allowedTokens = 2...4096

  public init(
    plan: Plan = .baseline, units: Units = .sublayersAndBlocks, text: TrialText = .builtin,
    tokens: Int = defaultTokens,
    known: DamageReport? = nil
  ) {
    self.plan = plan
    self.plan.heal = .none
    self.units = units
    self.text = text
    self.tokens = tokens
    self.known = known
  }

  /// The parts that are measured, in this order: sublayers first, and only parts that run under `plan`.
  public static func parts(of plan: Plan, layers: Int) -> [Droppable] {
    Part.allCases.flatMap { part in (0..<layers).map { Droppable(part, $0) } }
      .filter { $0.runs(under: plan) }
  }

  /// The heads that are measured, in this order: the first of every layer, then the second, so that a part of
  /// the results tells of all layers.
  ///
  /// - Parameter counts: Query heads of each layer.
  public static func heads(of plan: Plan, counts: [Int]) -> [Droppable] {
    (0..<(counts.max() ?? 0)).flatMap { head in
      counts.indices.filter { head < counts[$0] }.map { Droppable(head: head, ofLayer: $0) }
    }
    .filter { $0.runs(under: plan) }
  }

  public func run(in context: InferenceContext, _ pace: Pace) throws {
    let parts =
      units == .heads
      ? Self.heads(of: plan, counts: context.model.headCounts)
      : Self.parts(of: plan, layers: context.model.shape.layers)
    if let known {
      pace.report(.report(known))
      if parts.allSatisfy({ known[$0] != nil }) { return }
    }
    pace.report(.progress(WorkProgress(what: "measuring damage", fraction: 0)))
    let passages = try text.passages(context.model, tokens: tokens)
    let trials = try pace.piece { try Trials(passages, in: context, isStopped: $0) }
    try pace.piece { try trials.move(to: plan, isStopped: $0) }
    var report =
      try known
      ?? DamageReport(
        plan: plan, tokens: trials.tokenCount, baseline: trials.baseline,
        undropped: pace.piece { try trials.damage(of: plan, isStopped: $0) })
    if parts.isEmpty { pace.report(.report(report)) }
    for (index, part) in parts.enumerated() where report[part] == nil {
      let damage = try pace.piece { try trials.damage(of: part.dropped(from: plan), isStopped: $0) }
      report.add(.init(part, similarity: trials.similarity(of: part), damage))
      pace.report(.report(report))
      pace.report(
        .progress(WorkProgress(what: "measuring damage", fraction: Double(index + 1) / Double(parts.count))))
    }
  }
}
