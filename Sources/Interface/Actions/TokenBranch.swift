import IO
import Inference
import Sessions

/// Answers that leave another one at a token, and go their own way.
extension AppState {
  /// Branches with the candidate under the cursor.
  mutating func branchAtToken() -> [Effect] {
    guard let cursor = tokenCursor, let draw = draw(of: cursor.token, in: cursor.node),
      draw.candidates.indices.contains(cursor.candidate)
    else {
      say("there are no candidates here")
      return []
    }
    return branch(cursor.node, at: cursor.token, forcing: [Int(draw.candidates[cursor.candidate].token)])
  }

  /// Branches with the text that was typed, token by token.
  mutating func forceTypedToken() -> [Effect] {
    guard var cursor = tokenCursor, let text = cursor.field?.text else { return [] }
    cursor.field = nil
    tokenCursor = cursor
    return force(text, at: cursor.token, of: cursor.node)
  }

  /// Branches with a text in the place of a token.
  mutating func force(_ text: String, at token: Int, of node: Int) -> [Effect] {
    guard !text.isEmpty else { return [] }
    guard let spelling = model?.spelling else {
      say(.warning, "no model is loaded yet")
      return []
    }
    return branch(node, at: token, forcing: spelling.tokens(of: text))
  }

  /// Answers anew with the tokens of an answer before one of them, then others in its place, and goes on from there:
  /// a branch beside the answer.
  mutating func branch(_ node: Int, at token: Int, forcing ids: [Int]) -> [Effect] {
    guard isReady, let model else {
      say(.warning, answering == nil ? "no model is loaded yet" : "an answer is under way: ^C stops it")
      return []
    }
    guard let old = session.conversation[node], let answer = old.answer, let parent = old.parent,
      answer.records.indices.contains(token), !ids.isEmpty
    else { return [] }
    guard answer.model.name == model.name else {
      say(.warning, "the answer is of \(answer.model.name), whose tokens this model does not have")
      return []
    }
    guard ids != [answer.tokenIDs[token]] else {
      say("that is the token that was drawn: choose another one")
      return []
    }
    let id = session.conversation.nextID
    var sampling = self.sampling
    sampling.seed = sampling.seed ?? answer.sampling.seed ?? freshSeed(id)
    let reference = ModelReference(name: model.name, path: model.path)
    let content = Array(old.content.utf8), given = answer.givenBytes
    var effects: [Effect] = []
    if given > 0 {
      let text = String(decoding: content.prefix(given), as: UTF8.self)
      effects += record(.message(id: id, parent: parent, role: .assistant, content: text))
      effects += record(.answerContinued(id: id, model: reference, plan: plan, sampling: sampling))
    } else {
      effects += record(
        .answerBegan(id: id, parent: parent, model: reference, plan: plan, sampling: sampling))
    }
    effects += record(.answerBranched(id: id, from: node, tokens: token))
    let kept = answer.records[..<token]
    let bytes = { (part: AnswerPart) in kept.reduce(0) { $1.part == part ? $0 + $1.bytes : $0 } }
    if token > 0 {
      effects += record(
        .answerText(
          id: id, text: String(decoding: content.dropFirst(given).prefix(bytes(.content)), as: UTF8.self),
          reasoning: String(decoding: old.reasoning.utf8.prefix(bytes(.reasoning)), as: UTF8.self),
          tokenIDs: Array(answer.tokenIDs[..<token]), records: Array(kept)))
    }
    guard !effects.isEmpty else { return [] }
    comparison = nil
    answering = id
    thought = nil
    tokenCursor = nil
    showConversation()
    chat.scrollToEnd()
    let texts = ids.map { "“\(tokenText($0))”" }.joined(separator: " ")
    say("a branch at token \(token) with \(texts); ‹ › in the chat turn to the other answer")
    forcedTokens = ids
    return effects + [request(id)]
  }
}

extension AnswerStatistics {
  /// The figures of the whole answer, where its beginning is another one's.
  func withBranch(_ answer: Answer) -> AnswerStatistics {
    guard let branch = answer.branch else { return self }
    var whole = self
    whole.answerTokens += branch.tokens
    whole.promptTokens = max(0, whole.promptTokens - branch.tokens)
    let thoughts = answer.records.prefix(branch.tokens).count { $0.part == .reasoning }
    if thoughts > 0 {
      whole.thought = whole.thought ?? ThoughtStatistics(tokens: 0, seconds: 0)
      whole.thought?.tokens += thoughts
    }
    return whole
  }
}
