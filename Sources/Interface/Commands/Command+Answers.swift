import Inference
import Sessions

extension Command {
  static let answerCommands: [Command] = [
    Command("rerun", "", "answer the last prompt again under the current plan, side by side") {
      state, _ throws(CommandError) in state.rerun()
    },
    Command(
      "live", "on|off", "rerun after every change of the plan",
      candidates: { _, words in words.isEmpty ? [Candidate("on"), Candidate("off")] : [] }
    ) { state, arguments throws(CommandError) in
      switch arguments.words {
      case ["on"]: return state.setLive(true)
      case ["off"]: return state.setLive(false)
      case []: return state.setLive(!state.isLive)
      default: throw CommandError("write /live on or /live off")
      }
    },
    Command(
      "compare", "[off]", "show the last two answers to the last prompt side by side", onScreenOnly: true,
      candidates: { _, words in words.isEmpty ? [Candidate("off", "close the comparison")] : [] }
    ) { state, arguments throws(CommandError) in
      switch arguments.words {
      case []: return state.compareAnswers()
      case ["off"]:
        state.comparison = nil
        return []
      default: throw CommandError("write /compare or /compare off")
      }
    },
    Command("retry", "", "answer the last prompt again, with other chances") {
      state, _ throws(CommandError) in
      state.retry()
    },
    Command("branch", "NUMBER", "turn to another answer to the last prompt") {
      state, arguments throws(CommandError) in
      guard arguments.words.count == 1, let number = Int(arguments.words[0]) else {
        throw CommandError("which answer? write /branch 2")
      }
      let conversation = state.session.conversation
      let answers = conversation.lastPrompt.map { conversation.answers(to: $0.id) } ?? []
      guard answers.indices.contains(number - 1) else {
        throw CommandError("there is no answer \(number): the last prompt has \(answers.count)")
      }
      return state.turn(to: answers[number - 1].id)
    },
    Command(
      "edit", "[answer]", "write the last message, or the answer, anew, as a branch beside it",
      onScreenOnly: true,
      candidates: { _, words in words.isEmpty ? [Candidate("answer", "what the model said last")] : [] }
    ) { state, arguments throws(CommandError) in
      switch arguments.words {
      case []: return state.editMessage()
      case ["answer"]: return state.editAnswer()
      default: throw CommandError("write /edit or /edit answer")
      }
    },
    Command(
      "copy", "[code|thought]", "copy the last answer, its last block of code, or the thought before it",
      onScreenOnly: true,
      candidates: { _, words in
        words.isEmpty
          ? [
            Candidate("code", "the last block of code"),
            Candidate("thought", "what the model thought before"),
          ] : []
      }
    ) { state, arguments throws(CommandError) in
      switch arguments.words {
      case []: return state.copyMessage()
      case ["code"]: return state.copyCode()
      case ["thought"]: return state.copyThought()
      default: throw CommandError("write /copy, /copy code or /copy thought")
      }
    },
    Command("prompt", "", "what was sent for the last answer, token by token") {
      state, _ throws(CommandError) in state.askForPrompt()
    },
    Command(
      "set", "[OPTION [VALUE]]",
      "a sampling option, or context_policy: /set temperature 0.7; without a value, what holds now",
      candidates: { state, words in
        if words == [AppState.contextPolicyKey] { return ContextPolicy.candidates }
        return words.isEmpty
          ? SamplingOption.all.map { Candidate($0.key, $0.text(in: state.sampling)) }
            + [Candidate(AppState.contextPolicyKey, state.contextPolicy.rawValue)] : []
      }
    ) { state, arguments throws(CommandError) in
      do {
        guard let key = arguments.words.first else {
          state.showSampling()
          return []
        }
        // Not the next word: a value may have spaces in it.
        let value = arguments.text.dropFirst(key.count).drop(while: \.isWhitespace)
        if key == AppState.contextPolicyKey {
          guard value.isEmpty else { return try state.setContextPolicy(String(value)) }
          state.say(
            "\(key) is \(state.contextPolicy.rawValue), \(state.contextPolicyOrigin): "
              + "when the context is full \(state.contextPolicy.summary)")
          return []
        }
        let option = try SamplingOption.named(key)
        guard !value.isEmpty else {
          state.say(
            "\(key) is \(option.text(in: state.sampling)), \(state.origin(of: option)); it takes \(option.range)"
          )
          return []
        }
        let effects = try state.choose(option, String(value))
        state.say("\(key) is \(option.text(in: state.sampling)) now")
        return effects
      } catch let error as CommandError {
        throw error
      } catch let error as SettingError {
        throw CommandError(error.description)
      } catch {
        throw CommandError("\(error)")
      }
    },
  ]
}
