import Inference

extension Command {
  static let thinkingCommands: [Command] = [
    Command(
      "think", "[on|off|low|medium|high|default|budget N|budget off]",
      "whether the model thinks before it answers, and at most how many tokens long",
      candidates: { state, words in
        if let model = state.model, model.thinking == nil { return [] }
        switch words {
        case []:
          let choices = state.model?.thinking?.choices ?? Think.allCases
          return choices.map { Candidate($0.rawValue, $0.summary) } + [
            Candidate("default", "as the model's template has it"),
            Candidate("budget", "at most so many tokens"),
          ]
        case ["budget"]:
          return [Candidate("off", "no bound"), Candidate("0", "closed at once")]
            + ["256", "1024", "4096"].map { Candidate($0, "tokens") }
        default: return []
        }
      }
    ) { state, arguments throws(CommandError) in
      let words = arguments.words
      switch (words.first, words.count) {
      case (nil, _):
        state.say(state.thinkingChoices)
        return []
      case ("default", 1): return try state.chooseThinking("none")
      case ("budget", 2): return try state.chooseBudget(words[1] == "off" ? "none" : words[1])
      case (let name?, 1) where Think(rawValue: name) != nil: return try state.chooseThinking(name)
      default: throw CommandError("write /think on, off, low, medium, high, default, or /think budget 512")
      }
    }
  ]
}

extension Think {
  fileprivate var summary: String {
    switch self {
    case .on: "it thinks before it answers"
    case .off: "it answers at once"
    case .low: "it thinks little"
    case .medium: "it thinks some"
    case .high: "it thinks much"
    }
  }
}
