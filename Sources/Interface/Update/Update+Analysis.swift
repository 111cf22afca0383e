import Analysis
import Inference
import Sessions

extension AppState {
  /// Measures what dropping each part of the current plan alone does.
  mutating func measureDamage(over text: AnalysisText = .builtin, tokens: Int? = nil) -> [Effect] {
    guard let model = idleModel() else { return [] }
    var tokens = tokens ?? DamageMeasurement.defaultTokens
    var text = text
    if case .conversation = text {
      let messages = session.conversation.messages()
      guard messages.contains(where: { $0.role == .user }) else {
        say("nothing is said yet: /measure takes the built-in text")
        return []
      }
      text = .conversation(messages)
      tokens = max(tokens, Self.conversationTokens)
    }
    let request = DamageRequest(model: model.path, plan: plan, text: text, tokens: tokens)
    analysis.running = .damage(request)
    analysis.progress = WorkProgress(what: "measuring damage", fraction: 0)
    return [.analyse(.damage(request))]
  }

  /// Tokens of a conversation that are measured on.
  private static let conversationTokens = 512

  mutating func search(_ target: SearchTarget, over dimensions: Set<SearchDimension>?, tokens: Int)
    -> [Effect]
  {
    guard idleModel() != nil else { return [] }
    let request = SearchRequest(
      plan: plan, target: target, dimensions: dimensions, tokens: tokens)
    analysis.running = .search(request)
    analysis.search = nil
    analysis.progress = WorkProgress(what: "searching", fraction: 0)
    return [.analyse(.search(request))]
  }

  /// Shows the plans that were found, or asks what to search for.
  mutating func beginSearch() -> [Effect] {
    if analysis.search != nil, analysis.running == nil {
      overlay = .frontier
      return []
    }
    guard idleModel() != nil else { return [] }
    focusInput()
    return [.setInput("/search ")]
  }

  /// The model, if there is one and nothing is being analysed.
  private mutating func idleModel() -> ModelSummary? {
    guard let model, !isLoading else {
      say("no model is loaded")
      return nil
    }
    guard analysis.running == nil else {
      say(.warning, "an analysis is under way: ^C stops it and keeps what is done")
      return nil
    }
    return model
  }

  mutating func react(to news: AnalysisNews) -> [Effect] {
    switch news {
    case .progress(let progress): analysis.progress = progress
    case .report(let report as DamageReport):
      analysis.damage = report
      redundancy.complete(with: report, layers: layerCount)
    case .report(let report as SearchReport): analysis.search = report
    case .report: break
    case .ended(let end): return ended(end)
    }
    return []
  }

  private mutating func ended(_ end: AnalysisEnd) -> [Effect] {
    let request = analysis.running
    analysis.running = nil
    analysis.progress = nil
    if case .failed(let message) = end {
      say(.error, message)
      return []
    }
    let isWhole = end == .finished
    switch request {
    case .damage?:
      guard let damage = analysis.damage, !damage.entries.isEmpty else {
        say(isWhole ? "nothing runs that could be dropped" : "stopped")
        return []
      }
      say(summary(of: damage, isWhole: isWhole))
      return [.keepDamage(damage)]
    case .search?:
      if let search = analysis.search {
        analysis.picked = search.pickable.firstIndex { $0.plan == search.found.first?.plan } ?? 0
        if !isInLines { overlay = .frontier }
        say(summary(of: search, isWhole: isWhole))
      } else {
        say("stopped")
      }
      return []
    case nil: return []
    }
  }

  /// `90 drops over 256 tokens: least damage attention 7 0.015, 6 0.018, 26 0.031 KL`.
  private func summary(of report: DamageReport, isWhole: Bool) -> String {
    let sublayers = report.entries.filter { $0.dropped.part != .block }
    let least = sublayers.sorted { $0.damage.kl < $1.damage.kl }.prefix(3)
      .map {
        "\($0.dropped.part == .mlp ? "MLP" : "attention") \($0.dropped.layer) \(Figures.kl($0.damage.kl))"
      }
    return
      "\(isWhole ? "" : "stopped: ")\(report.entries.count) drops over \(report.tokens) tokens; least KL: "
      + least.joined(separator: ", ")
  }

  private func summary(of report: SearchReport, isWhole: Bool) -> String {
    guard let best = report.found.first, let method = best.method else {
      return "\(isWhole ? "" : "stopped: ")no plan reached \(report.target)"
    }
    return
      "\(isWhole ? "" : "stopped: ")\(report.target): \(method.rawValue) wins, KL \(Figures.kl(best.damage.kl)), "
      + "\(Figures.bytes(best.bytesPerToken))/token: \(best.plan)"
  }

  /// Makes the plan under the cursor of the frontier the current one.
  mutating func usePicked() -> [Effect] {
    overlay = nil
    guard let points = analysis.search?.pickable, points.indices.contains(analysis.picked) else { return [] }
    var found = points[analysis.picked].plan
    found.heal = plan.heal  // what was searched without it
    let effects = setPlan(found)
    say("plan: \(plan); u in Layers undoes")
    warnAboutEnds(plan.drop.attention.union(plan.drop.mlp))
    return effects
  }
}

extension SearchReport {
  /// The plans that the cursor goes through: the frontier, and what each method found; from the fewest bytes to the
  /// most.
  var pickable: [SearchPoint] {
    var plans: Set<Plan> = []
    return (frontier + found).filter { plans.insert($0.plan).inserted }
      .sorted { ($0.bytesPerToken, -$0.damage.kl) < ($1.bytesPerToken, -$1.damage.kl) }
  }
}
