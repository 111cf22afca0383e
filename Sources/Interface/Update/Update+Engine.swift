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
      if figures.plan == .baseline { nativeBits = figures.layerBitsPerWeight }
      progress = nil
      if let healing = figures.healing { sayHealing(healing) }
      // Before an answer starts, the engine may still be on its way to the answer's own plan.
      guard let startedAnswer, let answer = session.conversation[startedAnswer]?.answer,
        answer.lastPlan != figures.plan
      else { return [] }
      append(Self.mark(of: figures.plan), to: startedAnswer)
      return record(.answerPlan(id: startedAnswer, figures.plan))
    case .progress(let progress):
      self.progress = progress
      return []
    case .promptTooLong(let id, let fit): return shorten(id, fit)
    case .answerStarted(let id, _, _):
      if id == answering { (startedAnswer, forcedTokens) = (id, []) }
      rates.average = nil
      return []
    case .answerText(Summarising.id, let tokens): return takeSummary(tokens)
    case .answerText(let id, let tokens):
      progress = nil
      let text = tokens.text(of: .content), thought = tokens.text(of: .reasoning)
      countThought(tokens, of: id)
      let effects = record(
        .answerText(
          id: id, text: text, reasoning: thought, tokenIDs: tokens.map(\.id), records: tokens.map(\.record)))
      note(tokens, of: id)
      chat.append(thought: thought, to: id)
      chat.append(text, to: id, isHeld: selection?.pane == .chat)
      return effects
    case .answerFinished(Summarising.id, let statistics): return endSummary(statistics.stop)
    case .answerFinished(let id, let statistics): return finished(id, statistics)
    case .rates(let rates):
      self.rates.record(rates)
      tellFullness()
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
    case .prompt(let tokens):
      showPrompt(tokens)
      return []
    case .failed(let task, let message):
      if task != .answer(id: Summarising.id) { say(.error, message) }
      return failed(task, message)
    }
  }

  private mutating func finished(_ id: Int, _ statistics: AnswerStatistics) -> [Effect] {
    let answer = session.conversation[id]?.answer
    let before = answer?.continuations.last?.statistics
    let whole = before.map { statistics.added(to: $0) } ?? answer.map(statistics.withBranch) ?? statistics
    let effects = record(.answerEnded(id: id, whole))
    rates.average = statistics.decodeTokensPerSecond
    if let node = session.conversation[id] {
      chat.settle(Self.answerText(node), thought: Self.thoughtText(node), of: id)
    }
    guard id == answering else { return effects }
    if statistics.stop == .contextFull, let more = continueFullAnswer(id) { return effects + more }
    sayEnd(of: id, statistics)
    if statistics.stop == .endOfTurn, statistics.thought != nil { tellFolding(id) }
    return effects + ended(id)
  }

  /// Says once how the first thought that was folded is seen again.
  private mutating func tellFolding(_ id: Int) {
    guard !isThoughtTold, !isInLines, let node = session.conversation[id], !node.reasoning.isEmpty,
      !node.isAllThought
    else { return }
    isThoughtTold = true
    let key = keys.global.first { $0.action == "thought" }?.keyNames ?? ""
    say("\(key) unfolds the thought; /think tells how it is switched")
  }

  /// Shows a mark where an answer under way is: in its thought, or in its text.
  private mutating func append(_ mark: String, to id: Int) {
    let isAllThought = session.conversation[id]?.isAllThought == true
    chat.note(mark, isAllThought ? .reasoning : .content, of: id)
    if isAllThought {
      chat.append(thought: mark, to: id)
    } else {
      chat.append(mark, to: id)
    }
  }

  private mutating func failed(_ task: EngineTask, _ message: String) -> [Effect] {
    switch task {
    case .answer(Summarising.id): return failSummary(message)
    case .tokenize: return []
    case .answer(let id):
      let effects = record(.answerFailed(id: id, message: message))
      return effects + ended(id)
    case .load:
      isLoading = false
      progress = nil
      if let own = session.model, let model, !own.isCalled(model.name) { return askForModel(own) }
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
    nativeBits = []
    similarity = nil
    probe = nil
    redundancy = Redundancy()
    analysis.forget()
    rates = RateHistory()
    layer = min(layer, max(0, summary.layers - 1))
    return adoptModel() + resume()
  }

  /// An answer is over, one way or another.
  mutating func ended(_ id: Int) -> [Effect] {
    guard answering == id else { return [] }
    answering = nil
    summarising = nil
    startedAnswer = nil
    forcedTokens = []
    progress = nil
    return resume()
  }
}
