import Inference
import Markdown
import Sessions
import Terminal

extension AppState {
  /// The message that keys of the Chat pane act on: the selected, or the last.
  private var chosenNode: Conversation.Node? {
    let entries = chat.entries
    let place = chat.selected ?? entries.count - 1
    return entries.indices.contains(place) ? session.conversation[entries[place].node] : nil
  }

  /// Turns to a sibling of the chosen message, or of the last that has any.
  mutating func turnBranch(by step: Int) -> [Effect] {
    let conversation = session.conversation
    func hasSiblings(_ node: Conversation.Node) -> Bool { conversation.siblings(of: node.id).count > 1 }
    let chosen = chat.selected == nil ? conversation.path().last(where: hasSiblings) : chosenNode
    guard let chosen, hasSiblings(chosen) else {
      say("there is no other branch here")
      return []
    }
    guard let sibling = conversation.sibling(of: chosen.id, offset: step) else {
      say(step < 0 ? "this is the first branch" : "this is the last branch")
      return []
    }
    let effects = turn(to: sibling.id)
    if chat.selected != nil { chat.select(chat.entries.firstIndex { $0.node == sibling.id }) }
    return effects
  }

  /// Puts a message, or an answer, into the input line; sending it makes a branch beside it.
  mutating func editMessage() -> [Effect] {
    edit(chat.selected == nil ? session.conversation.lastPrompt : chosenNode)
  }

  /// Puts the last answer of the branch into the input line.
  mutating func editAnswer() -> [Effect] { edit(lastAnswer) }

  var lastAnswer: Conversation.Node? {
    session.conversation.path().last { $0.role == .assistant && !$0.content.isEmpty }
  }

  /// Opens the user's editor for the selected message or answer, or for the last answer.
  mutating func openEditorForMessage() -> [Effect] {
    openEditor(for: chat.selected == nil ? lastAnswer : chosenNode)
  }

  private mutating func edit(_ chosen: Conversation.Node?) -> [Effect] {
    guard let chosen, chosen.role != .system, chosen.id != answering else {
      say(chosen == nil ? "there is nothing to edit yet" : "this cannot be edited")
      return []
    }
    editing = chosen.id
    focusInput()
    say(
      chosen.role == .user
        ? "Enter sends it as a branch beside the old one; Esc leaves it"
        : "Enter keeps the answer so, as a branch beside the old one; Esc leaves it")
    return [.terminal(.setInput(text(toEdit: chosen)))]
  }

  /// Copies the selected message, or else the last answer.
  mutating func copyMessage() -> [Effect] {
    let node =
      chat.selected == nil
      ? session.conversation.path().last { $0.role == .assistant && !$0.content.isEmpty } : chosenNode
    guard let node else {
      say("there is no answer to copy yet")
      return []
    }
    guard !node.isAllThought else {
      say("no answer came: /copy thought copies the thought")
      return []
    }
    let name = node.role == .user ? "your message" : "the answer"
    let length = "\(Figures.grouped(node.content.count)) characters"
    return [.terminal(.copy(node.content, name: "\(name), \(length)"))]
  }

  /// Copies the thought before the selected answer, or else the last one.
  mutating func copyThought() -> [Effect] {
    let node =
      chat.selected == nil ? session.conversation.path().last { !$0.reasoning.isEmpty } : chosenNode
    guard let node, !node.reasoning.isEmpty else {
      say("there is no thought to copy here")
      return []
    }
    let length = "\(Figures.grouped(node.reasoning.count)) characters"
    return [.terminal(.copy(node.reasoning, name: "the thought, \(length)"))]
  }

  /// Copies the last fenced block of the last answer, without its fences.
  mutating func copyCode() -> [Effect] {
    let text = session.conversation.path().last { $0.role == .assistant }?.content ?? ""
    guard let code = MarkdownReader.lastCode(in: text) else {
      say("the last answer has no block of code")
      return []
    }
    let length = "\(Figures.grouped(code.split(separator: "\n").count)) lines"
    return [.terminal(.copy(code, name: "the block of code, \(length)"))]
  }

  /// Says as much of a copy as is known, and how else to get it where it is not.
  mutating func sayCopied(_ name: String, _ reach: CopyReach) {
    switch reach {
    case .tmux: say("\(name): in tmux's buffer (prefix ] pastes it); the terminal's clipboard was offered it")
    case .offered:
      say(
        "\(name): the terminal's clipboard was offered it; terminals may refuse without a word. "
          + "If it does not paste, Shift with the mouse, or /mouse off, lets the terminal select")
    case .refused:
      say(
        .error,
        "this terminal takes no copies (OSC 52), or the text is too long for it: Shift with the mouse, or /mouse off, "
          + "lets the terminal select")
    }
  }

  /// Compares the last two answers to the last prompt.
  mutating func compareAnswers() -> [Effect] {
    let answers = session.conversation.lastPrompt.map { session.conversation.answers(to: $0.id) } ?? []
    guard answers.count > 1 else {
      say("there is only one answer to compare: /rerun makes another")
      return []
    }
    comparison = Comparison(first: answers[answers.count - 2].id, second: answers[answers.count - 1].id)
    return []
  }

  /// The system prompt from here on; empty text takes it away.
  mutating func setSystem(_ text: String) -> [Effect] {
    guard answering == nil else {
      say(.warning, "an answer is under way: ^C stops it")
      return []
    }
    let conversation = session.conversation
    let effects = record(
      .message(id: conversation.nextID, parent: conversation.leaf, role: .system, content: text))
    showConversation()
    say(text.isEmpty ? "no system prompt from here on" : "system prompt set from here on")
    return effects
  }

  /// Takes the choices of the settings into a new session.
  mutating func takeDefaults() -> [Effect] {
    var effects: [Effect] = []
    if let model { effects += record(.model(ModelReference(name: model.name, path: model.path))) }
    if defaults.sampling != session.sampling { effects += record(.sampling(defaults.sampling)) }
    if let system = defaults.system, !system.isEmpty {
      effects += record(
        .message(
          id: session.conversation.nextID, parent: session.conversation.leaf, role: .system, content: system))
      showConversation()
    }
    return effects
  }

  /// Gives the mouse to the program or the terminal, as this session last had it.
  var mouseSetting: [Effect] { session.settings["mouse"].map { [.terminal(.reportMouse($0 == "on"))] } ?? [] }

  /// Has the engine hold the branch that is current, so that there is something to see before the next
  /// answer.
  var recalling: Effect { .engine(.recall(session.conversation.messages(), sampling.prompt)) }

  /// Takes another session in, and has the engine follow it.
  mutating func show(_ session: Session, name: String) -> [Effect] {
    self.session = session
    sessions.opened(name)
    planModel = session.model?.name
    comparison = nil
    pairs = ComparedPairs()
    editing = nil
    pending = nil
    summarising = nil
    isFullnessTold = false
    plans = PlanHistory()
    isLive = session.settings["live"] == "on"
    chat.forgetFolds()
    showConversation()
    chat.scrollToEnd()
    say("session \(name)")
    var effects: [Effect] = [.refreshCatalog]
    effects += mouseSetting
    if let name = session.settings["theme"], name != theme.name {
      if name == ThemeCatalog.automaticName { followBackground() } else { effects.append(.loadTheme(name)) }
    }
    similarity = nil
    probe = nil
    guard let model else { return effects }
    if let own = session.model, own != ModelReference(name: model.name, path: model.path) {
      return effects + [.sessions(.findModel(own))]
    }
    return effects + adoptModel()
  }
}
