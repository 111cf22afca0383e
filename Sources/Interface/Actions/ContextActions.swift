import Analysis
import Engine
import Foundation
import Inference
import Sessions

/// What happens where a conversation is too long for the context.
extension AppState {
  // MARK: A prompt that is too long

  /// The engine did not begin an answer, since its prompt is too long.
  mutating func shorten(_ id: Int, _ fit: PromptFit) -> [Effect] {
    if id == Summarising.id { return leaveOut(summary: nil, "too long to be summed up") }
    guard id == answering, let node = session.conversation[id] else { return [] }
    let turns = session.conversation.prompt(to: id).filter { $0.message.role == .user }
    guard let dropped = fit.dropped, turns.indices.contains(dropped), dropped > 0 else {
      return refuse(node, fit)
    }
    // The answers to one prompt have one prompt; an answer that has begun is cut by itself.
    let cut = Summarising(
      node: node.isBlank ? node.parent ?? id : id, start: turns[dropped].node, turns: dropped,
      maximumTokens: min(256, fit.capacity / 8))
    switch contextPolicy {
    case .drop:
      summarising = cut
      return leaveOut(summary: nil)
    case .summarise: return summarise(cut, fit)
    case .stop:
      let needed = fit.tokens.map { "\(Figures.grouped($0)) tokens" } ?? "more"
      say(
        .warning,
        "the context is full: \(needed) for \(Figures.grouped(fit.capacity)); /forget \(dropped) leaves out the "
          + "oldest \(Self.turns(dropped)), /context drop does so always; then /continue")
      return record(.answerFailed(id: id, message: "the context is full")) + ended(id)
    }
  }

  /// `1 turn`, `3 turns`.
  static func turns(_ count: Int) -> String { count == 1 ? "1 turn" : "\(count) turns" }

  /// The last turn alone is too long: its message goes back into the input line.
  private mutating func refuse(_ node: Conversation.Node, _ fit: PromptFit) -> [Effect] {
    let conversation = session.conversation
    let capacity = Figures.grouped(fit.capacity)
    let prompt = node.parent.flatMap { conversation[$0] }
    var text: String
    if !node.isBlank {
      text = "the answer and its question fill the context of \(capacity) tokens: start pare with a larger -c"
    } else if let rest = fit.rest {
      let over = Figures.grouped(rest - fit.capacity + 1)
      text =
        "the message is too long by \(over) tokens: with the system prompt it takes \(Figures.grouped(rest)) of "
        + "\(capacity); shorten it, or start pare with a larger -c"
    } else {
      text = "the message is far too long for the context of \(capacity) tokens: shorten it"
    }
    var effects = record(.answerFailed(id: node.id, message: "too long for the context"))
    if node.isBlank, let prompt, prompt.role == .user, conversation.answers(to: prompt.id).count == 1 {
      effects += record(.selected(prompt.parent))
      showConversation()
      if isInLines {
        text += "; the next message takes its place"
      } else if input.text.isEmpty {
        effects.append(.terminal(.setInput(FileReference.typed(prompt.content))))
        text += "; it is back in the input line"
      }
    }
    say(.error, text)
    return effects + ended(node.id)
  }

  // MARK: Leaving out

  /// Cuts the context where `summarising` says, and asks again for the answer that waits.
  private mutating func leaveOut(summary: String?, _ trouble: String? = nil) -> [Effect] {
    guard let cut = summarising, let answering else { return [] }
    summarising = nil
    let effects = record(.contextCut(id: cut.node, ContextCut(start: cut.start, summary: summary)))
    let what = cut.turns == 1 ? "the oldest turn is" : "the \(cut.turns) oldest turns are"
    let how = summary == nil ? "left out" : "summed up"
    say(
      trouble == nil ? .info : .warning,
      "the context was full: \(what) \(how) from here on"
        + (trouble.map { " (\($0))" }
          ?? "; \(cut.turns == 1 ? "it stays" : "they stay") in the session, /context tells more"))
    return effects + [request(answering)]
  }

  private mutating func summarise(_ cut: Summarising, _ fit: PromptFit) -> [Effect] {
    guard let answering, let answer = session.conversation[answering]?.answer else { return [] }
    summarising = cut
    // The tokens are for the summary.
    var sampling = answer.lastSampling
    sampling.think = model?.thinking?.refusal(of: .off) == nil ? .off : nil
    sampling.thinkBudget = 0
    // A summary must leave room for what it is for.
    guard let rest = fit.rest, rest + 2 * cut.maximumTokens < fit.capacity else {
      return leaveOut(summary: nil, "no room for a summary")
    }
    let prompt = session.conversation.prompt(to: answering)
    let messages =
      prompt.prefix { $0.node != cut.start }.map(\.message)
      + [ChatMessage(role: .user, content: Summarising.question)]
    progress = WorkProgress(what: "summing up the oldest turns", fraction: 0)
    return [
      .engine(
        .answer(
          AnswerRequest(
            id: Summarising.id, messages: messages, plan: answer.lastPlan, sampling: sampling,
            maximumTokens: cut.maximumTokens, asksForShorter: true)))
    ]
  }

  /// More of the summary.
  mutating func takeSummary(_ tokens: [AnswerToken]) -> [Effect] {
    guard var cut = summarising else { return [] }
    cut.text += tokens.text(of: .content)
    cut.tokens += tokens.count
    summarising = cut
    progress = WorkProgress(
      what: "summing up the oldest turns", fraction: Double(cut.tokens) / Double(cut.maximumTokens))
    return []
  }

  mutating func endSummary(_ stop: StopReason) -> [Effect] {
    guard let cut = summarising, let answering else { return [] }
    progress = nil
    if stop == .interrupted {
      summarising = nil
      say("stopped")
      return record(.answerFailed(id: answering, message: "stopped")) + ended(answering)
    }
    let text = cut.text.trimmingCharacters(in: .whitespacesAndNewlines)
    return leaveOut(
      summary: text.isEmpty ? nil : text, text.isEmpty ? "the model said nothing about them" : nil)
  }

  mutating func failSummary(_ message: String) -> [Effect] {
    progress = nil
    return leaveOut(summary: nil, "no summary: \(message)")
  }

  // MARK: An answer that fills the context

  /// Goes on with an answer that the context had no more room for, if there are turns to leave out.
  mutating func continueFullAnswer(_ id: Int) -> [Effect]? {
    let prompt = session.conversation.prompt(to: id)
    guard contextPolicy != .stop, prompt.count(where: { $0.message.role == .user }) > 1,
      let answer = session.conversation[id]?.answer
    else { return nil }
    let limit = answer.lastSampling.maximumTokens
    let made = answer.tokenIDs.count - (answer.continuations.last?.tokens ?? 0)
    return goOn(
      with: id, sampling: answer.lastSampling, maximumTokens: limit > 0 ? max(1, limit - made) : nil)
  }

  // MARK: The user's own cuts

  /// Leaves out the oldest turns from here on, all but the system prompt if `count` is nil.
  mutating func forget(_ count: Int?) -> [Effect] {
    guard answering == nil else {
      say(.warning, "an answer is under way: ^C stops it")
      return []
    }
    let conversation = session.conversation
    let turns = conversation.prompt().filter { $0.message.role == .user }
    guard let leaf = conversation.leaf.flatMap({ conversation[$0] }), !turns.isEmpty else {
      say("there is nothing to forget yet")
      return []
    }
    let count = count ?? turns.count
    // What is not answered yet is about to be.
    let isOpen = leaf.role != .assistant || leaf.content.isEmpty
    guard count < turns.count || !isOpen else {
      say(.warning, "the last message waits for an answer: /forget \(turns.count - 1) leaves it alone")
      return []
    }
    let start = count < turns.count ? turns[count].node : leaf.id
    return cut(ContextCut(start: start), at: leaf) {
      let left = max(0, turns.count - count)
      return "\(Self.turns(min(count, turns.count))) forgotten, \(left == 0 ? "none" : "\(left)") left; "
        + "/forget none brings all back"
    }
  }

  /// Brings back all turns of the branch.
  mutating func rememberAll() -> [Effect] {
    let conversation = session.conversation
    guard answering == nil, let leaf = conversation.leaf.flatMap({ conversation[$0] }),
      conversation.contextStart() != nil
    else {
      say("nothing is left out here")
      return []
    }
    return cut(ContextCut(start: nil), at: leaf) { "the model gets the whole branch again" }
  }

  private mutating func cut(_ cut: ContextCut, at leaf: Conversation.Node, _ told: () -> String) -> [Effect] {
    // An answer without text is no part of a prompt, and is made again from the message before it.
    let isEmpty = leaf.role == .assistant && leaf.content.isEmpty
    let effects = record(.contextCut(id: isEmpty ? leaf.parent ?? leaf.id : leaf.id, cut))
    showConversation()
    say(told())
    return model == nil ? effects : effects + [recalling]
  }

  // MARK: Telling

  /// Warns once when little room is left.
  mutating func tellFullness() {
    guard let model else { return }
    if contextShare < Self.nearlyFull - 0.1 { isFullnessTold = false }
    guard contextShare >= Self.nearlyFull, !isFullnessTold, notice?.kind != .error else { return }
    isFullnessTold = true
    let next =
      switch contextPolicy {
      case .drop: "soon the oldest turns are left out"
      case .summarise: "soon the oldest turns are summed up"
      case .stop: "/forget N makes room"
      }
    say(
      .warning,
      "the context is \(Figures.fixed(100 * contextShare, 0)) % full (\(Figures.grouped(contextUsed)) of "
        + "\(Figures.grouped(model.context)) tokens): \(next); /context changes that")
  }

  /// The context in one line.
  var contextReport: String {
    let (remembered, leftOut) = turns
    let summary = session.conversation.path().last { $0.cut != nil }?.cut?.summary
    let capacity = model.map { " of \(Figures.grouped($0.context))" } ?? ""
    let hasThoughts = session.conversation.path().contains { !$0.reasoning.isEmpty }
    return "context: \(Figures.grouped(contextUsed))\(capacity) tokens · \(Self.turns(remembered)) remembered"
      + (leftOut > 0 ? ", \(leftOut) left out" : "") + " · when it is full \(contextPolicy.summary)"
      + (hasThoughts ? " · of earlier thoughts the model gets what its template keeps" : "")
      + (summary.map { " · summary: \($0)" } ?? "")
  }
}
