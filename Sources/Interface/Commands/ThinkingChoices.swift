import Inference

/// Choices of sampling that commands make, those of thinking among them.
extension AppState {
  /// Chooses a value of an option of sampling, given as text.
  mutating func choose(_ option: SamplingOption, _ value: String) throws(CommandError) -> [Effect] {
    var sampling = session.sampling
    do { try sampling.set(option, to: value) } catch { throw CommandError(error.description) }
    let isAboutThinking = ["think", "think_budget"].contains(option.key)
    if isAboutThinking, let choice = Think(rawValue: value), let refusal = refusal(of: choice) {
      throw CommandError(refusal)
    }
    return record(.sampling(sampling)) + (isAboutThinking ? keepThinking() : [])
  }

  /// Chooses whether the model thinks, by the names of ``Think``; `none` leaves it to the template.
  mutating func chooseThinking(_ value: String) throws(CommandError) -> [Effect] {
    try expectThinking()
    let effects = try choose(Self.option("think"), value)
    say(isSaid + thinkingReport)
    return effects
  }

  /// Chooses the most tokens that a thought may have; `none` for no bound.
  mutating func chooseBudget(_ value: String) throws(CommandError) -> [Effect] {
    try expectThinking()
    let effects = try choose(Self.option("think_budget"), value)
    say(isSaid + thinkingReport)
    return effects
  }

  /// An answer under way was begun with other choices.
  private var isSaid: String { answering == nil ? "" : "from the next answer on: " }

  private static func option(_ key: String) throws(CommandError) -> SamplingOption {
    do { return try SamplingOption.named(key) } catch { throw CommandError(error.description) }
  }

  /// Why a choice cannot be had of the model, and what works; nil where it can.
  private func refusal(of choice: Think) -> String? {
    guard let model else { return nil }
    guard let thinking = model.thinking else { return noThoughts(model) }
    return thinking.refusal(of: choice)?.replacing("think_budget = 0", with: "/think budget 0")
  }

  private func expectThinking() throws(CommandError) {
    if let model, model.thinking == nil { throw CommandError(noThoughts(model)) }
  }
}
