import Analysis
import Inference
import Sessions

/// Searching for plans that reach a target.
struct SearchRequest: AnalysisRequest, Hashable {
  /// The plan to begin with.
  var plan: Plan
  var target: SearchTarget
  /// nil for all.
  var dimensions: Set<SearchDimension>?
  /// Tokens of the text, at most.
  var tokens: Int

  var activity: String { "searching" }

  func prepare(_ directories: Directories) -> PreparedAnalysis {
    PreparedAnalysis(job: PlanSearch(target, over: dimensions, from: plan, tokens: tokens))
  }

  /// Shows the plans that were found.
  func ended(isWhole: Bool, _ state: inout AppState) -> [Effect] {
    guard let report = state.analysis.search else {
      state.say("stopped")
      return []
    }
    state.analysis.picked = report.pickable.firstIndex { $0.plan == report.found.first?.plan } ?? 0
    if !state.isInLines { state.overlay = .frontier }
    state.say((isWhole ? "" : "stopped: ") + report.summary)
    return []
  }
}

extension AnalysisState {
  /// The plans that were found last, as far as the search has come.
  var search: SearchReport? { reports[SearchReport.self] }
}

extension SearchReport {
  /// The plans that the cursor goes through: the frontier, and the best of each method; from the fewest bytes
  /// to the most.
  var pickable: [SearchPoint] {
    var plans: Set<Plan> = []
    return (frontier + found).filter { plans.insert($0.plan).inserted }
      .sorted { ($0.bytesPerToken, -$0.damage.cost) < ($1.bytesPerToken, -$1.damage.cost) }
  }

  fileprivate var summary: String {
    guard let best = found.first, let method = best.method else { return "no plan reached \(target)" }
    return "\(target): \(method.rawValue) wins, KL \(Figures.kl(best.damage.kl)), "
      + "\(Figures.bytes(best.bytesPerToken))/token: \(best.plan)"
  }
}

extension AppState {
  /// Searches from the current plan on.
  mutating func search(_ target: SearchTarget, over dimensions: Set<SearchDimension>?, tokens: Int)
    -> [Effect]
  {
    guard idleModel() != nil else { return [] }
    analysis.reports[SearchReport.self] = nil
    return beginAnalysis(SearchRequest(plan: plan, target: target, dimensions: dimensions, tokens: tokens))
  }

  /// Shows the plans that were found, or asks what to search for.
  mutating func beginSearch() -> [Effect] {
    if analysis.search != nil, analysis.running == nil {
      overlay = .frontier
      return []
    }
    guard idleModel() != nil else { return [] }
    focusInput()
    return [.terminal(.setInput("/search "))]
  }

  /// Makes the plan under the cursor of the frontier the current one.
  mutating func usePicked() -> [Effect] {
    overlay = nil
    guard let points = analysis.search?.pickable, points.indices.contains(analysis.picked) else { return [] }
    var found = points[analysis.picked].plan
    found.heal = plan.heal  // searches leave healing out
    let effects = setPlan(found)
    say("plan: \(plan); u in Layers undoes")
    warnAboutEnds(plan.drop.attention.union(plan.drop.mlp))
    return effects
  }
}
