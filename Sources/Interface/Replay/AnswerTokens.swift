import Foundation
import Inference
import Sessions
import Tokenization

/// The tokens of an answer and of what the model read before it.
struct AnswerTokens {
  var prompt: [Token] = []
  var ids: [Token] = []
  var pieces: [String]?
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
    var decoder = StreamDecoder(model.tokenizer)
    let texts = self.ids.map { decoder.append($0) }
    pieces = Self.cut(texts, to: node.content)
    if pieces == nil {
      problem = "its text is not that of its tokens in \(model.name) as it is here"
      return
    }
    do {
      prompt = try model.chatFormat.tokens(conversation.messages(to: node.parent))
    } catch {
      problem = "its prompt cannot be made again: \(error)"
      return
    }
    if let count = answer.statistics?.promptTokens, count != prompt.count {
      problem =
        "its prompt had \(count) tokens and has \(prompt.count) here: the chat template or what was sent is another"
    }
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
