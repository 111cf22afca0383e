import Inference
import Sessions

extension AppState {
  /// A first message that small models answer well too; nil once something was said.
  var example: String? {
    model != nil && pending == nil && !session.conversation.nodes.contains { $0.role == .user }
      ? "What does the heart do?" : nil
  }

  /// Enter on an empty line: sends the example, as the welcome says.
  mutating func sendExample() -> [Effect] {
    guard let example, isReady, editing == nil else { return [] }
    return send(example)
  }
}

extension ModelSummary {
  /// What a person must know who talks to a model whose file has no chat template.
  var templateRemark: String? {
    switch template {
    case .file, .override: nil
    case .guessedChatML: "its file has no chat template: ChatML is a guess"
    case .guessedPlain:
      "its file has no chat template, as of a base model, which continues a text rather than answers it"
    }
  }
}
