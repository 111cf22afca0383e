import Analysis
import Inference
import Sessions
import Tokenization

/// What another plan would have said at the tokens of an answer.
struct TokensUnderPlanRequest: AnalysisRequest {
  var job: TokensUnderPlan

  var activity: String { "reading the answer under \(job.plan.summary)" }
  func prepare(_ directories: Directories) throws -> PreparedAnalysis { PreparedAnalysis(job: job) }
  func ended(isWhole: Bool, _ state: inout AppState) -> [Effect] {
    if !isWhole { state.say("stopped") }
    return []
  }
}

extension AppState {
  /// Plans to put beside the token that is looked at: the baseline, those of the other answers to the prompt, and the
  /// current one; not that of the token.
  private func otherPlans(_ cursor: TokenCursor) -> [Plan] {
    guard let node = session.conversation[cursor.node], let answer = node.answer else { return [] }
    let compared = [comparison?.first, comparison?.second].compactMap { $0 }
    let answers = compared + session.conversation.siblings(of: node.id).map(\.id)
    let all = [Plan.baseline] + answers.compactMap { session.conversation[$0]?.answer?.plan } + [plan]
    var plans: [Plan] = []
    for plan in all where plan != answer.plan(of: cursor.token) && !plans.contains(plan) {
      plans.append(plan)
    }
    return plans
  }

  /// Puts the next of the other plans beside; after the last, none.
  mutating func cycleTokenPlan() -> [Effect] {
    guard var cursor = tokenCursor else { return [] }
    let plans = otherPlans(cursor)
    guard !plans.isEmpty else {
      say("there is no other plan: the answer is under the baseline, as the current plan is")
      return []
    }
    let place = cursor.other.flatMap { plans.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
    cursor.other = plans.indices.contains(place) ? plans[place] : nil
    tokenCursor = cursor
    return cursor.other.map { putBeside($0, cursor.node) } ?? []
  }

  /// Has the answer read under a plan, unless it was.
  mutating func putBeside(_ plan: Plan, _ node: Int) -> [Effect] {
    if tokensUnderPlan(plan, node) != nil { return [] }
    guard let model = idleModel(), let old = session.conversation[node], let answer = old.answer else {
      return []
    }
    guard answer.model.name == model.name else {
      say(.warning, "the answer is of \(answer.model.name), whose tokens this model does not have")
      return []
    }
    let candidates = zip(answer.records, answer.tokenIDs).filter { $0.1 >= 0 }.map { record, _ in
      (record.draw?.draw?.candidates ?? []).map(\.token)
    }
    return beginAnalysis(
      TokensUnderPlanRequest(
        job: TokensUnderPlan(
          id: node, messages: session.conversation.messages(to: old.parent), choices: answer.sampling.prompt,
          answer: old.beginning, plan: plan, candidates: candidates)))
  }

  /// What was computed of an answer under a plan; nil where that was not, or only of its beginning.
  func tokensUnderPlan(_ plan: Plan, _ node: Int) -> TokensUnderPlan.Report? {
    guard let report = analysis.reports[TokensUnderPlan.Report.self], report.id == node, report.plan == plan,
      report.places.count == session.conversation[node]?.answer?.tokenIDs.count(where: { $0 >= 0 })
    else { return nil }
    return report
  }

  /// A token of an answer under the plan that stands beside; nil while it is not computed.
  func tokenUnderPlan(_ cursor: TokenCursor) -> TokensUnderPlan.Place? {
    guard let plan = cursor.other, let report = tokensUnderPlan(plan, cursor.node),
      let ids = session.conversation[cursor.node]?.answer?.tokenIDs, ids.indices.contains(cursor.token),
      ids[cursor.token] >= 0
    else { return nil }
    let place = ids[..<cursor.token].count { $0 >= 0 }
    return report.places.indices.contains(place) ? report.places[place] : nil
  }
}
