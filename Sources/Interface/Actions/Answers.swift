import Engine
import Foundation
import Inference
import Sessions

extension AppState {
  /// Says `text` to the model; waits if it is still busy.
  mutating func send(_ text: String) -> [Effect] {
    guard isReady else {
      if case .prompt = pending {
        say(.warning, "a message is waiting already: ^C stops the answer under way")
        return [.terminal(.setInput(text))]
      }
      pending = .prompt(text)
      say(answering == nil ? "sent when the model is loaded" : "sent when this answer ends; ^C stops it")
      return []
    }
    comparison = nil
    let conversation = session.conversation
    if let edited = editing.flatMap({ conversation[$0] }), edited.role == .assistant {
      return replaceAnswer(edited, with: text)
    }
    let parent = editing.flatMap { conversation[$0] }.map(\.parent) ?? conversation.leaf
    editing = nil
    let id = conversation.nextID
    return record(.message(id: id, parent: parent, role: .user, content: text)) + answer(id)
  }

  /// Asks for an answer to the message `prompt`, as a branch beside those it has.
  ///
  /// - Parameter seed: nil draws one; a rerun takes that of the answer it is compared with, so that chance is
  ///   the same for both.
  mutating func answer(_ prompt: Int, seed: UInt64? = nil) -> [Effect] {
    guard let model else { return [] }
    let id = session.conversation.nextID
    var sampling = self.sampling
    sampling.seed = sampling.seed ?? seed ?? freshSeed(id)
    let effects = record(
      .answerBegan(
        id: id, parent: prompt, model: ModelReference(name: model.name, path: model.path), plan: plan,
        sampling: sampling))
    answering = id
    showConversation()
    chat.scrollToEnd()
    return effects + [request(id)]
  }

  /// Has the engine compute the answer `id`, which is open: from its beginning, or from where it had ended.
  func request(_ id: Int, maximumTokens: Int? = nil) -> Effect {
    let node = session.conversation[id]
    var messages = session.conversation.messages(to: id)
    let beginning = node.flatMap { $0.isBlank && $0.answer?.tokenIDs.isEmpty != false ? nil : $0.beginning }
    if beginning != nil, messages.last?.role == .assistant { messages.removeLast() }
    var request = AnswerRequest(
      id: id, messages: messages, plan: node?.answer?.lastPlan ?? plan,
      sampling: node?.answer?.lastSampling ?? sampling, maximumTokens: maximumTokens,
      continuing: beginning, asksForShorter: true)
    request.forced = forcedTokens
    request.drafts = node.map(drafts) ?? []
    return .engine(.answer(request))
  }

  /// Another one for each answer, without asking the world for chance: SplitMix64 of the time and the answer.
  func freshSeed(_ id: Int) -> UInt64 {
    var value = date.timeIntervalSinceReferenceDate.bitPattern &+ UInt64(id) &* 0x9E37_79B9_7F4A_7C15
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    // Fits a JSON number.
    return (value ^ (value >> 31)) >> 11
  }

  /// Answers the last prompt again under the current plan and shows both answers.
  mutating func rerun() -> [Effect] {
    guard let prompt = session.conversation.lastPrompt else {
      say("nothing to rerun yet: send a message first")
      return []
    }
    guard isReady else {
      pending = .rerun
      return answering == nil ? [] : [.interrupt]
    }
    let earlier = earlierAnswer(to: prompt.id)
    let effects = answer(prompt.id, seed: earlier?.answer?.sampling.seed)
    if let earlier, let answering {
      comparison = Comparison(first: earlier.id, second: answering)
    }
    return effects
  }

  /// Answers the last prompt again, with other chances, without comparing.
  mutating func retry() -> [Effect] {
    guard let prompt = session.conversation.lastPrompt else {
      say("nothing to answer again yet: send a message first")
      return []
    }
    guard isReady else {
      say(.warning, answering == nil ? "no model is loaded yet" : "an answer is under way: ^C stops it")
      return []
    }
    comparison = nil
    return answer(prompt.id)
  }

  /// The answer that a rerun is compared with: the first answer of the comparison on the screen while it
  /// still is about the same prompt, so that many plans are judged by one answer; else the answer on the
  /// current branch.
  private func earlierAnswer(to prompt: Int) -> Conversation.Node? {
    let conversation = session.conversation
    if let first = comparison.flatMap({ conversation[$0.first] }), first.parent == prompt { return first }
    return conversation.path().last { $0.parent == prompt && $0.answer?.tokenIDs.isEmpty == false }
  }

  /// Turns to the branch that `node` is on.
  mutating func turn(to node: Int) -> [Effect] {
    guard answering == nil else {
      say(.warning, "an answer is under way: ^C stops it")
      return []
    }
    let leaf = session.conversation.newestLeaf(from: node)
    let effects = record(.selected(leaf))
    showConversation()
    return model == nil ? effects : effects + [recalling]
  }

  /// Does what was waiting for the engine.
  mutating func resume() -> [Effect] {
    guard let next = pending, isReady else { return [] }
    pending = nil
    switch next {
    case .prompt(let text): return send(text)
    case .rerun: return rerun()
    }
  }
}
