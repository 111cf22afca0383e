import Foundation
import Inference
import Sessions
import Tokenization

/// The tokens of an answer and of what the model read before it.
struct AnswerTokens {
  var prompt: [Token] = []
  var ids: [Token] = []
  /// The text of each token, and the part of the answer that it belongs to.
  var pieces: [String]?
  var parts: [AnswerPart] = []
  /// Why the model cannot read them again.
  var problem: String?

  init(_ node: Conversation.Node, _ answer: Answer, in conversation: Conversation, _ model: Model) {
    // −1 stands for the rest of an unfinished character.
    let ids = answer.tokenIDs.filter { $0 >= 0 }
    guard ids.allSatisfy({ $0 < model.tokenizer.vocabularySize }), !ids.isEmpty else {
      problem = ids.isEmpty ? "it has no tokens" : "its tokens are not those of \(model.name) as it is here"
      return
    }
    self.ids = ids.map { Token($0) }
    do {
      prompt = try model.chatFormat.tokens(
        conversation.messages(to: node.parent), choices: answer.sampling.prompt)
    } catch {
      problem = "its prompt cannot be made again: \(error)"
    }
    var splitter = ThoughtSplitter(model.chatFormat.thinking, model.tokenizer, prompt: prompt)
    var tokens = ids.map { splitter.append(AnswerToken(id: $0, text: "", logProbability: 0)) }
    for rest in splitter.finish() {
      // It belongs to the last token of its part.
      if let last = tokens.lastIndex(where: { $0.part == rest.part }) { tokens[last].text += rest.text }
    }
    parts = tokens.map(\.part)
    pieces = Self.cut(tokens, to: node)
    if pieces == nil {
      problem = "its text is not that of its tokens in \(model.name) as it is here"
    }
    if problem != nil { return }
    if let count = answer.statistics?.promptTokens, count != prompt.count {
      problem =
        "its prompt had \(count) tokens and has \(prompt.count) here: the chat template or what was sent is another"
    }
  }

  /// The texts of the tokens as far as they are in the parts of the answer.
  private static func cut(_ tokens: [AnswerToken], to node: Conversation.Node) -> [String]? {
    func pieces(_ part: AnswerPart, _ text: String) -> [String]? {
      let texts = tokens.filter { $0.part == part }.map(\.text)
      return texts.isEmpty && text.isEmpty ? [] : cut(texts, to: text)
    }
    guard let thought = pieces(.reasoning, node.reasoning), let content = pieces(.content, node.content)
    else {
      return nil
    }
    var rest: [AnswerPart: ArraySlice<String>] = [.reasoning: thought[...], .content: content[...]]
    return tokens.map { rest[$0.part]?.popFirst() ?? "" }
  }

  /// The pieces as far as they are in the text, which may lack an end that was held back, or have the rest of an
  /// unfinished character.
  private static func cut(_ pieces: [String], to text: String) -> [String]? {
    var rest = text[...]
    var cut: [String] = []
    for piece in pieces {
      if rest.unicodeScalars.starts(with: piece.unicodeScalars) {
        cut.append(piece)
        rest = Substring(rest.unicodeScalars.dropFirst(piece.unicodeScalars.count))
      } else {
        guard piece.unicodeScalars.starts(with: rest.unicodeScalars) else { return nil }
        cut.append(String(rest))
        rest = ""
      }
    }
    if !rest.isEmpty {
      guard rest.unicodeScalars.allSatisfy({ $0 == "\u{FFFD}" }), !cut.isEmpty else { return nil }
      cut[cut.count - 1] += rest
    }
    return cut
  }
}

extension Answer {
  /// A stretch of the answer's tokens under one plan.
  struct Part {
    var from, end: Int
    var plan: Plan
  }

  var parts: [Part] {
    let starts = [(0, plan)] + planChanges.map { (max(0, $0.tokens), $0.plan) }
    return starts.indices.compactMap { index in
      let end = index + 1 < starts.count ? starts[index + 1].0 : .max
      return end > starts[index].0 ? Part(from: starts[index].0, end: end, plan: starts[index].1) : nil
    }
  }

  /// Whether the model gave it, by its file's name where that is known.
  func isOf(_ model: Model) -> Bool {
    guard let path = self.model.path else { return self.model.name == model.name }
    return URL(filePath: path).lastPathComponent == URL(filePath: model.file.path).lastPathComponent
  }
}
