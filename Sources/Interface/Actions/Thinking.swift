import IO
import Inference
import Sessions

/// Whether and how long the model thinks, and thoughts that are folded and unfolded.
extension AppState {
  // MARK: Remembering

  /// Keeps the choice for this model's next sessions.
  mutating func keepThinking() -> [Effect] {
    guard let model else { return [] }
    let choice = RememberedState.Thinking(think: sampling.think, budget: sampling.thinkBudget)
    guard rememberedThinking[model.name] != choice else { return [] }
    rememberedThinking[model.name] = choice
    return [.rememberThinking(model: model.name, choice)]
  }

  /// Takes what was last chosen with a model that is new to the session: the choice before was
  /// another model's.
  mutating func takeRememberedThinking(of model: ModelSummary) -> [Effect] {
    guard let before = session.model, !before.isCalled(model.name),
      let choice = rememberedThinking[model.name]
    else {
      return []
    }
    var sampling = session.sampling
    let values = ["think": choice.think?.rawValue, "think_budget": choice.budget.map { "\($0)" }]
    for option in sampling.options where values.keys.contains(option.key) {
      try? sampling.set(option, to: values[option.key].flatMap { $0 } ?? "none")
    }
    return sampling == session.sampling ? [] : record(.sampling(sampling))
  }

  // MARK: Telling

  func noThoughts(_ model: ModelSummary) -> String {
    "\(model.name.sanitized) does not think, as far as its file tells"
  }

  /// How the model thinks, in one line.
  var thinkingReport: String {
    guard let model else { return "no model is loaded yet" }
    guard let thinking = model.thinking else { return noThoughts(model) }
    let choice = sampling.think?.rawValue ?? (thinking.choices.isEmpty ? "always" : "as its template has it")
    let budget = sampling.thinkBudget.map {
      $0 == 0 ? "closed at once" : "at most \(Figures.grouped($0)) tokens"
    }
    return "thinking: \(choice)" + (sampling.think == .off ? "" : ", \(budget ?? "no budget")")
  }

  /// The same, and what else can be chosen.
  var thinkingChoices: String {
    guard let thinking = model?.thinking else { return thinkingReport }
    let names = thinking.choices.map(\.rawValue).joined(separator: ", ")
    let choices = names.isEmpty ? "its template cannot switch it" : "/think \(names)"
    return "\(thinkingReport) · \(choices) · /think budget N"
  }

  /// For the header: `think off ≤512`; nil for a model that does not think.
  var thinkingBadge: Line? {
    guard model?.thinking != nil else { return nil }
    let budget = sampling.thinkBudget.map { " ≤\(Figures.grouped($0))" } ?? ""
    guard let choice = sampling.think else {
      return [Span("thinks" + budget, budget.isEmpty ? .faint : .text)]
    }
    return [Span("think ", .faint), Span(choice.rawValue + (choice == .off ? "" : budget))]
  }

  // MARK: Folding

  /// Unfolds the thought of the selected answer, or of the last that has one, or folds it.
  mutating func toggleThought() -> [Effect] {
    let last = chat.entries.lastIndex { $0.thought != nil }
    let chosen = focus == .chat ? chat.selected : nil
    guard let entry = chosen ?? last, chat.isUnfolded(entry) != nil else {
      say("there is no thought here")
      return []
    }
    chat.toggleThought(of: entry)
    return []
  }

  mutating func toggleAllThoughts() -> [Effect] {
    say(chat.toggleAllThoughts() ? "all thoughts are unfolded" : "thoughts are folded when the answer begins")
    return []
  }
}
