import Foundation
import Tokenization

/// Questions with thoughts and answers, about 2,000 tokens, to measure what a plan does to thinking.
public enum ThoughtsText {
  /// As it lies in the file: examples between lines of `==`, their parts between lines of `--`.
  public static let source = String(decoding: PackageResources.thoughts_txt, as: UTF8.self)

  /// A question, what is thought about it, and the answer.
  struct Example {
    var question, thought, answer: String
  }

  static let examples: [Example] = source.split(separator: "\n==\n").map { example in
    let parts = example.split(separator: "\n--\n").map(String.init)
    return Example(question: parts[0], thought: parts[1], answer: parts[2].trimmingCharacters(in: .newlines))
  }

  /// The tokens of each example as the model would have them in a chat, markers included; as plain text for a model
  /// that does not think.
  ///
  /// - Throws: ``ChatFormat/RenderError`` when the template cannot be used.
  public static func passages(_ model: Model) throws -> [[Token]] {
    let tokenizer = model.tokenizer
    return try examples.map { example in
      guard let thinking = model.chatFormat.thinking else {
        let text = [example.question, example.thought, example.answer].joined(separator: "\n\n")
        let bos = tokenizer.addsBOS ? [tokenizer.bos].compactMap { $0 } : []
        return bos + tokenizer.encode(Array(text.utf8))
      }
      let prompt = try model.chatFormat.tokens(
        [ChatMessage(role: .user, content: example.question)], choices: PromptChoices(think: .on))
      let opening = thinking.opens(prompt, tokenizer) ? "" : thinking.openingText + "\n"
      return prompt
        + tokenizer.encode([
          TextRun(opening, isMarkup: true), TextRun(example.thought, isMarkup: false),
          TextRun(thinking.closingText, isMarkup: true), TextRun(example.answer, isMarkup: false),
        ])
    }
  }
}
