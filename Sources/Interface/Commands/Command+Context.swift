import Sessions

extension ContextPolicy {
  /// The policies for completion.
  static var candidates: [Candidate] { allCases.map { Candidate($0.rawValue, $0.summary) } }
}

extension AppState {
  /// Chooses the policy of the session by its name.
  mutating func setContextPolicy(_ name: String) throws(CommandError) -> [Effect] {
    guard let policy = ContextPolicy(rawValue: name) else {
      throw CommandError("write /context drop, summarise or stop")
    }
    let effects = record(.setting(key: "context", value: policy.rawValue))
    say("when the context is full \(policy.summary)")
    return effects
  }
}

extension Command {
  static let contextCommands: [Command] = [
    Command(
      "context", "[drop|summarise|stop]", "how full the context is, and what happens when it is",
      candidates: { _, words in
        words.isEmpty ? ContextPolicy.candidates : []
      }
    ) { state, arguments throws(CommandError) in
      guard !arguments.text.isEmpty else {
        state.say(state.contextReport)
        return []
      }
      return try state.setContextPolicy(arguments.text)
    },
    Command(
      "forget", "[N|all|none]", "leave the oldest turns out of what the model gets; they stay in the session",
      candidates: { state, words in
        words.isEmpty
          ? [
            Candidate("1", "the oldest turn"), Candidate("all", "all but the system prompt"),
            Candidate("none", "bring all back"),
          ] : []
      }
    ) { state, arguments throws(CommandError) in
      switch arguments.text {
      case "": return state.forget(1)
      case "all": return state.forget(nil)
      case "none": return state.rememberAll()
      case let text:
        guard let count = Int(text), count > 0 else {
          throw CommandError("how many turns? write /forget 2, all or none")
        }
        return state.forget(count)
      }
    },
    Command("continue", "", "go on with an answer that was stopped or edited") {
      state, _ throws(CommandError) in
      state.continueAnswer()
    },
  ]
}
