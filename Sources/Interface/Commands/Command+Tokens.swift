import Inference
import Sessions

extension Command {
  static let tokenCommands: [Command] = [
    Command(
      "shade", "[surprise|probability|entropy|off]", "shade the words of answers by how sure the model was",
      onScreenOnly: true,
      candidates: { _, words in
        words.isEmpty
          ? [
            Candidate("surprise", "−ln p of each token"), Candidate("probability", "of each token"),
            Candidate("entropy", "of what each token was drawn from"), Candidate("off", "no shades"),
          ] : []
      }
    ) { state, arguments throws(CommandError) in
      switch arguments.text {
      case "": state.cycleShade()
      case "off": state.shade(by: nil)
      case let name:
        guard let shade = TokenShade(rawValue: name) else {
          throw CommandError("write /shade surprise, probability, entropy or off")
        }
        state.shade(by: shade)
      }
      return []
    },
    Command(
      "token", "[N [CANDIDATE|force TEXT|under baseline]]",
      "look at token N of the last answer (from 0); go on from there with another, as a branch",
      candidates: { _, words in
        words.count == 1
          ? [
            Candidate("force", "put a text in its place"),
            Candidate("under", "what another plan would have said: baseline, current"),
          ] : words.count == 2 && words[1] == "under" ? [Candidate("baseline"), Candidate("current")] : []
      }
    ) { state, arguments throws(CommandError) in
      guard let word = arguments.words.first else {
        if state.isInLines { throw CommandError("which one? write /token 12, counted from 0") }
        return state.openTokens()
      }
      let answer = state.session.conversation.path().last { $0.answer?.records.isEmpty == false }
      guard let answer, let records = answer.answer?.records else {
        throw CommandError("there is no answer yet whose tokens are recorded")
      }
      guard let token = Int(word), records.indices.contains(token) else {
        throw CommandError("the last answer has tokens 0 to \(records.count - 1)")
      }
      let rest = arguments.words.dropFirst()
      switch rest.first {
      case nil: return state.show(token, of: answer.id)
      case "force":
        let after = arguments.text.dropFirst(word.count).drop(while: \.isWhitespace).dropFirst("force".count)
        let text = Self.unquoted(String(after.dropFirst()))
        guard !text.isEmpty else { throw CommandError("which text? write /token \(token) force \" blue\"") }
        return state.force(text, at: token, of: answer.id)
      case "under":
        let plan: Plan
        switch Array(rest.dropFirst()) {
        case [], ["baseline"]: plan = .baseline
        case ["current"]: plan = state.plan
        default: throw CommandError("write /token \(token) under baseline, or under current")
        }
        let effects = state.show(token, of: answer.id)
        state.tokenCursor?.other = plan
        return effects + state.putBeside(plan, answer.id)
      case let choice?:
        let candidates = state.draw(of: token, in: answer.id)?.candidates ?? []
        guard rest.count == 1, let rank = Int(choice), candidates.indices.contains(rank - 1) else {
          throw CommandError("token \(token) has candidates 1 to \(candidates.count); or write force TEXT")
        }
        return state.branch(answer.id, at: token, forcing: [Int(candidates[rank - 1].token)])
      }
    },
  ]

  /// The text between quotation marks, with `\n` and `\t`; what has none is as it stands.
  private static func unquoted(_ text: String) -> String {
    guard text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
    return String(text.dropFirst().dropLast()).replacing("\\n", with: "\n").replacing("\\t", with: "\t")
  }
}

extension AppState {
  /// Shows a token with the cursor, or as a page where there is no screen.
  fileprivate mutating func show(_ token: Int, of node: Int) -> [Effect] {
    guard isInLines else {
      look(at: token, of: node)
      return []
    }
    overlay = tokenPage(token, of: node).map { .text($0) }
    return []
  }
}
