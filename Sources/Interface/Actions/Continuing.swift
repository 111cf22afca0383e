import Inference
import Sessions

/// Answers that go on after their end, and answers as the user would have them.
extension AppState {
  /// Goes on with the last answer of the branch.
  mutating func continueAnswer() -> [Effect] {
    let conversation = session.conversation
    guard isReady, let model else {
      say(.warning, answering == nil ? "no model is loaded yet" : "an answer is under way: ^C stops it")
      return []
    }
    guard let node = conversation.leaf.flatMap({ conversation[$0] }), node.role != .system else {
      say("there is no answer to go on with yet")
      return []
    }
    // Not begun, so that it begins.
    if node.role == .user { return answer(node.id) }
    if node.isBlank { return node.parent.map { answer($0) } ?? [] }
    if let name = node.answer?.model.name, name != model.name {
      say(.warning, "the answer is of \(name), whose tokens this model does not have: /retry answers anew")
      return []
    }
    guard conversation.messages(to: node.id).contains(where: { $0.role == .user }) else {
      say(.warning, "the question is forgotten: /forget none brings it back")
      return []
    }
    var sampling = self.sampling
    sampling.seed = sampling.seed ?? node.answer?.sampling.seed ?? freshSeed(node.id)
    return goOn(with: node.id, sampling: sampling)
  }

  /// Reopens an answer and has the engine go on from its end.
  mutating func goOn(with id: Int, sampling: SamplingOptions, maximumTokens: Int? = nil) -> [Effect] {
    guard let model else { return [] }
    let effects = record(
      .answerContinued(
        id: id, model: ModelReference(name: model.name, path: model.path), plan: plan, sampling: sampling))
    guard !effects.isEmpty else { return [] }
    answering = id
    thought = nil
    showConversation()
    chat.scrollToEnd()
    return effects + [request(id, maximumTokens: maximumTokens)]
  }

  /// An answer as the user would have it, as a branch beside the old one.
  mutating func replaceAnswer(_ answer: Conversation.Node, with text: String) -> [Effect] {
    editing = nil
    let effects = record(
      .message(id: session.conversation.nextID, parent: answer.parent, role: .assistant, content: text))
    showConversation()
    chat.scrollToEnd()
    say("the answer is yours now: /continue lets the model go on from its end")
    return model == nil ? effects : effects + [recalling]
  }

  /// Says how an answer ended, where it did not end by itself, and what can be done.
  mutating func sayEnd(of id: Int, _ statistics: AnswerStatistics) {
    let answer = session.conversation[id]?.answer
    let isAllThought = session.conversation[id]?.isAllThought == true
    switch statistics.stop {
    case .interrupted where isAllThought: say("stopped in its thought; /continue goes on with it")
    case .length where isAllThought:
      say(
        .warning,
        "all the tokens that it may have (max_tokens) went into the thought; /continue goes on, /think budget N leaves "
          + "some for the answer")
    case .interrupted: say("stopped; /continue goes on")
    case .loop:
      let loop = statistics.loop.map { " since token \($0.from), every \($0.period)" } ?? ""
      say(
        .warning,
        "stopped: the \(isAllThought ? "thought" : "answer") repeats itself\(loop); /continue goes on, /retry answers anew"
      )
    case .length: say("the answer has as many tokens as it may (max_tokens); /continue goes on")
    case .contextFull where isAllThought && contextPolicy != .stop:
      say(
        .warning,
        "the thought fills the context: /think budget N leaves room for the answer, /retry answers anew")
    case .contextFull:
      say(
        .warning,
        contextPolicy == .stop
          ? "the context is full: /forget N makes room, /continue goes on"
          : "the answer fills the context: a message begins anew, with a larger -c it could go on")
    case .endOfTurn where isAllThought:
      say(.warning, "the model thought and said nothing; /retry answers anew")
    case .endOfTurn:
      if let before = answer?.continuations.last, before.tokens == answer?.tokenIDs.count {
        say("the model has nothing to add")
      }
    }
  }
}
