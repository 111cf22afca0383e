import Inference
import Tokenization

/// A search for plans that reach a target with little damage, by every method there is.
///
/// Plans are chosen on one part of a text and judged on a held-out part, a quarter of the passages; all
/// reported figures were measured on the latter.
public struct PlanSearch: AnalysisJob {
  /// The plan to begin with; healing is left out.
  public var plan: Plan
  public var target: SearchTarget
  public var dimensions: Set<SearchDimension>
  public var text: TrialText
  /// Tokens of the text that are used, at most.
  public var tokens: Int

  /// Tokens where the user names no number.
  public static let defaultTokens = 512
  /// The bounds of ``tokens`` for users.
  public static let allowedTokens = 16...8192
  /// About the number of a method's steps that are judged; the last is always among them.
  private static let judgedSteps = 16

  /// - Parameter dimensions: The changes to consider; nil for all.
  public init(
    _ target: SearchTarget, over dimensions: Set<SearchDimension>? = nil, from plan: Plan = .baseline,
    text: TrialText = .builtin, tokens: Int = defaultTokens
  ) {
    self.plan = plan
    self.plan.heal = .none
    self.target = target
    self.dimensions = dimensions ?? Set(SearchDimension.allCases)
    // Fewer bits drop nothing.
    if case .drops = target { self.dimensions.remove(.bits) }
    self.text = text
    self.tokens = tokens
  }

  public func run(in context: InferenceContext, _ pace: Pace) throws {
    let (searched, judged) = try split(text.passages(context.model, tokens: tokens, isSpread: true))
    pace.report(.progress(WorkProgress(what: "searching", fraction: 0)))
    let trials = try pace.piece { try Trials(searched, in: context, isStopped: $0) }
    let judge = Judge(
      try pace.piece { try Trials(judged, in: context, sharing: trials, isStopped: $0) }, context.model, pace)
    var report = SearchReport(
      target: target.description, searchedTokens: trials.tokenCount, judgedTokens: judge.tokens,
      baseline: try judge.point(.baseline, nil))
    guard !trials.baseline.perplexity.isNaN else {
      throw SearchError("the baseline's predictions are no numbers (NaN): \(context.causeOfNaN)")
    }
    try pace.piece { try trials.move(to: plan, isStopped: $0) }
    let bench = SearchBench(trials, context.model, target: target, over: dimensions, pace)
    for (index, method) in SearchMethod.allCases.enumerated() {
      let start = Self.shares[index], share = Self.shares[index + 1] - start
      bench.progress = { done in
        pace.report(
          .progress(WorkProgress(what: "searching: \(method.rawValue)", fraction: start + share * done)))
      }
      try add(try judge.points(proposals(method, bench), method), by: bench, to: &report)
      pace.report(.report(report))
    }
    try measureSpeeds(&report, judge, pace)
  }

  /// The estimated share of the work that is done before each method.
  private static let shares = [0, 0.02, 0.2, 0.55, 0.95]

  /// The plans of some steps of a method, the last among them.
  private func proposals(_ method: SearchMethod, _ bench: SearchBench) throws -> [Plan] {
    var steps: [Plan] = []
    func step(_ plan: Plan) throws {
      steps.append(plan)
      bench.progress(try bench.share(plan))
    }
    switch method {
    case .similarity: try bench.dropBySimilarity(from: plan, step)
    case .damage: try bench.applyByDamage(from: plan, step)
    case .greedy: try bench.greedy(from: plan, step)
    case .exchange: try bench.exchanging(from: plan, step)
    }
    let interval = max(1, steps.count / Self.judgedSteps)
    return stride(from: steps.count - 1, through: 0, by: -interval).reversed().map { steps[$0] }
  }

  private func add(_ points: [SearchPoint], by bench: SearchBench, to report: inout SearchReport) throws {
    report.points += points
    // Among plans that reach the target, the cheapest where damage is bounded, else the least damaged.
    func isBetter(_ a: SearchPoint, _ b: SearchPoint) -> Bool {
      if case .kl = target { return (a.bytesPerToken, a.damage.cost) < (b.bytesPerToken, b.damage.cost) }
      return a.damage.cost < b.damage.cost
    }
    let fitting = points.filter { bench.meets($0.plan, kl: $0.damage.kl) }
    if let best = fitting.min(by: isBetter) { report.found.append(best) }
    report.found.sort(by: isBetter)
  }

  private func measureSpeeds(_ report: inout SearchReport, _ judge: Judge, _ pace: Pace) throws {
    let plans = Set(report.frontier.map(\.plan) + report.found.map(\.plan) + [.baseline])
    for (index, plan) in plans.enumerated() {
      pace.report(
        .progress(
          WorkProgress(what: "measuring speed", fraction: 0.95 + 0.05 * Double(index) / Double(plans.count))))
      report.set(speed: try judge.speed(plan), of: plan)
    }
    pace.report(.report(report))
  }

  /// Holds out every fourth passage for judging; of a single passage its last quarter.
  private func split(_ passages: [[Token]]) throws -> (searched: [[Token]], judged: [[Token]]) {
    guard passages.count < 2 else {
      return (
        passages.enumerated().filter { $0.offset % 4 != 1 }.map(\.element),
        passages.enumerated().filter { $0.offset % 4 == 1 }.map(\.element)
      )
    }
    let all = passages.first ?? [], cut = all.count * 3 / 4
    guard all.count >= 16 else {
      throw SearchError("a search takes 16 tokens of text at least, better 1,000")
    }
    return ([Array(all[..<cut])], [Array(all[cut...])])
  }
}

/// The judge of proposed plans, on held-out text.
private final class Judge {
  private let trials: Trials
  private let model: Model
  private let pace: Pace
  private var judged: [Plan: Damage] = [:]

  init(_ trials: Trials, _ model: Model, _ pace: Pace) {
    self.trials = trials
    self.model = model
    self.pace = pace
  }

  var tokens: Int { trials.tokenCount }

  func point(_ plan: Plan, _ method: SearchMethod?) throws -> SearchPoint {
    let damage = try judged[plan] ?? pace.piece { try trials.damage(of: plan, isStopped: $0) }
    judged[plan] = damage
    return SearchPoint(plan: plan, method: method, damage: damage, size: model.size(of: plan))
  }

  func points(_ plans: [Plan], _ method: SearchMethod) throws -> [SearchPoint] {
    try plans.map { try point($0, method) }
  }

  func speed(_ plan: Plan) throws -> Double {
    try pace.piece { try trials.decodeSpeed(of: plan, isStopped: $0) }
  }
}
