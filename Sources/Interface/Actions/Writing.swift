import Sessions

/// Texts that come from elsewhere than the input line: named prompts, and the user's own editor.
extension AppState {
  /// Uses a prompt that was kept on disk.
  mutating func take(prompt text: String, name: String, for use: PromptUse) -> [Effect] {
    switch use {
    case .system:
      let effects = setSystem(text)
      if !effects.isEmpty { say("system prompt \(name) from here on") }
      return effects
    case .message(let input) where input.isEmpty && !isInLines:
      focusInput()
      say("\(name): write the rest; Enter sends it")
      return [.terminal(.setInput(PromptFile.filled(text, with: "")))]
    case .message(let input):
      let message = PromptFile.filled(text, with: input)
      return FileReference.all(in: input).isEmpty ? send(message) : [.attachFiles(message)]
    }
  }

  /// Opens the user's editor for the line that is being typed.
  func openEditor() -> [Effect] { [.terminal(.openEditor(input.text, .input))] }

  /// Opens the user's editor for a message or answer; what is kept there becomes a branch beside it.
  mutating func openEditor(for node: Conversation.Node?) -> [Effect] {
    guard let node, node.role != .system, node.id != answering else {
      say(node == nil ? "there is nothing to edit yet" : "this cannot be edited")
      return []
    }
    return [.terminal(.openEditor(text(toEdit: node), .node(node.id)))]
  }

  /// Takes over what was written in an editor.
  mutating func take(edited text: String, _ subject: EditedText) -> [Effect] {
    switch subject {
    case .input:
      focusInput()
      return [.terminal(.setInput(text))]
    case .node(let id):
      guard let node = session.conversation[id] else { return [] }
      guard text != self.text(toEdit: node) else {
        say("the text is as it was")
        return []
      }
      guard text.contains(where: { !$0.isWhitespace }) else {
        say(.warning, "the text is empty: nothing was changed")
        return []
      }
      if node.role == .assistant { return replaceAnswer(node, with: text) }
      editing = id
      return FileReference.all(in: text).isEmpty ? send(text) : [.attachFiles(text)]
    }
  }

  /// What is edited of a message: files are named in it, and read anew.
  func text(toEdit node: Conversation.Node) -> String {
    node.role == .user ? FileReference.typed(node.content) : node.content
  }
}
