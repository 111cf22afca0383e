import Engine
import IO
import Inference
import Sessions

extension AppState {
  /// Asks for the tokens that the model read for the last answer.
  mutating func askForPrompt() -> [Effect] {
    let conversation = session.conversation
    guard let prompt = conversation.lastPrompt else {
      say("nothing was sent yet: send a message first")
      return []
    }
    guard isReady else {
      say(.warning, answering == nil ? "no model is loaded yet" : "an answer is under way: ^C stops it")
      return []
    }
    let answer = conversation.path().last { $0.parent == prompt.id }?.answer
    let choices = (answer?.sampling ?? sampling).prompt
    return [.engine(.tokenize(conversation.messages(to: prompt.id), choices))]
  }

  /// Shows them, one after the other in two looks, so that their ends can be seen.
  mutating func showPrompt(_ tokens: [PromptToken]) {
    let breaks: Set<String> = ["\\n", "\\r\\n"]
    var lines: [Line] = [[]]
    for (place, token) in tokens.enumerated() {
      let element: Element = token.isControl ? .key : place.isMultiple(of: 2) ? .text : .changed
      lines[lines.count - 1].append(Span(token.text.sanitized, element))
      if breaks.contains(token.text) || token.text.hasSuffix("\\n") { lines.append([]) }
    }
    let count = "\(Figures.grouped(tokens.count)) token\(tokens.count == 1 ? "" : "s")"
    show(
      TextPage(
        title: "The prompt · \(count) · " + (model?.template.description ?? ""),
        lines: lines + [
          [],
          [
            Span("control tokens", .key), Span("  text, every other token ", .faint),
            Span("marked", .changed),
          ],
        ]))
  }
}
