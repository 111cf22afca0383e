import Engine
import Inference
import Sessions
import Terminal

extension AppState {
  /// Takes in what the engine tells.
  mutating func react(to event: EngineEvent) -> [Effect] {
    switch event {
    case .loaded(let summary): return opened(summary)
    case .planInUse(let figures):
      for warning in figures.warnings where self.figures?.warnings.contains(warning) != true {
        say(.warning, warning)
      }
      self.figures = figures
      progress = nil
      if let healing = figures.healing { sayHealing(healing) }
      // Before an answer starts, the engine may still be on its way to the answer's own plan.
      guard let startedAnswer, let answer = session.conversation[startedAnswer]?.answer,
        answer.lastPlan != figures.plan
      else { return [] }
      return record(.answerPlan(id: startedAnswer, figures.plan))
    case .progress(let progress):
      self.progress = progress
      return []
    case .answerStarted(let id, _, _):
      startedAnswer = id
      return []
    case .answerText(let id, let tokens):
      progress = nil
      let text = tokens.map(\.text).joined()
      let effects = record(.answerText(id: id, text: text, tokenIDs: tokens.map(\.id)))
      chat.append(text, to: id)
      return effects
    case .answerFinished(let id, let statistics):
      if statistics.stop == .interrupted, id == answering { say("stopped") }
      chat.settle(session.conversation[id]?.content ?? "", of: id)
      return record(.answerEnded(id: id, statistics)) + ended(id)
    case .rates(let rates):
      self.rates.record(rates)
      return []
    case .similarity(let report):
      similarity = report
      redundancy.update(with: report)
      return []
    case .probe(let report):
      probe = report
      return []
    case .analysis(let news):
      return react(to: news)
    case .failed(let task, let message):
      say(.error, message)
      return failed(task, message)
    }
  }

  private mutating func failed(_ task: EngineTask, _ message: String) -> [Effect] {
    switch task {
    case .answer(let id):
      let effects = record(.answerFailed(id: id, message: message))
      return effects + ended(id)
    case .load:
      isLoading = false
      progress = nil
      return resume()
    case .plan(let plan):
      progress = nil
      return returnToPlanInUse(from: plan)
    }
  }

  private mutating func sayHealing(_ effect: HealingEffect) {
    let change =
      "KL \(Figures.fixed(effect.unhealed, 3)) → \(Figures.fixed(effect.healed, 3)) on text it was not fitted on"
    if effect.helps {
      say("healed: \(change)")
    } else {
      say(.warning, "healing does not help: \(change); /heal none leaves it out")
    }
  }

  private mutating func opened(_ summary: ModelSummary) -> [Effect] {
    model = summary
    isLoading = false
    progress = nil
    figures = nil
    similarity = nil
    probe = nil
    redundancy = Redundancy()
    analysis.forget()
    rates = RateHistory()
    layer = min(layer, max(0, summary.layers - 1))
    var effects: [Effect] = []
    let reference = ModelReference(name: summary.name, path: summary.path)
    if session.model != reference { effects += record(.model(reference)) }
    do {
      try plan.validate(layers: summary.layers, model: summary.name)
    } catch {
      say(.warning, "the plan does not fit, so the baseline is used: \(error)")
      effects += record(.plan(.baseline))
      plans = PlanHistory()
    }
    return effects + [.engine(.use(plan)), recalling] + resume()
  }

  /// An answer is over, one way or another.
  private mutating func ended(_ id: Int) -> [Effect] {
    guard answering == id else { return [] }
    answering = nil
    startedAnswer = nil
    progress = nil
    return resume()
  }
}
