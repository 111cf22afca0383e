import Terminal

extension AppState {
  /// Looks up what a key or the mouse does, and does it.
  mutating func react(to input: InputEvent) -> [Effect] {
    switch input {
    case .key(let key, let modifiers): return press(KeyChord(key, modifiers))
    case .paste(let text):
      if let effects = overlay?.view.paste(text, &self) { return effects }
      focus = .input
      overlay = nil
      return [.terminal(.edit(input))]
    case .pasteTooLong:
      say(.warning, "the paste is cut after 16 MB: put long texts in a file")
      return []
    case .mouse(let mouse): return dragDivider(mouse) ?? react(to: mouse)
    case .resize(let size):
      self.size = size
      selection = nil
      return []
    case .background(let color):
      takeBackground(color)
      return []
    case .focus, .wake, .tick: return []
    }
  }

  // MARK: Keys

  private mutating func press(_ chord: KeyChord) -> [Effect] {
    if notice?.kind == .error { notice = nil }
    selection = nil
    if chord == KeyChord(.escape), overlay == nil { find = nil }
    if let overlay { return press(chord, in: overlay.view) }
    if focus == .input, let effects = pressInCompletion(chord) { return effects }
    if let binding = keys.global.first(where: { $0.chords.contains(chord) }) { return binding.perform(&self) }
    if focus == .input { return pressInInput(chord) }
    let binding = keys.binding(for: chord, in: focus) ?? keys.binding(for: chord, in: PaneKeys())
    return binding?.perform(&self) ?? pressAfterEscape(chord) ?? []
  }

  /// A key with Alt that means nothing counts as Esc and then the key: a terminal sends the same bytes for both,
  /// and where they come at once (typed by a program, or on their way through ssh) no time tells them apart. Nil for
  /// keys without Alt.
  private mutating func pressAfterEscape(_ chord: KeyChord) -> [Effect]? {
    guard chord.modifiers.contains(.alt) else { return nil }
    return press(KeyChord(.escape)) + press(KeyChord(chord.key, chord.modifiers.subtracting(.alt)))
  }

  private mutating func press(_ chord: KeyChord, in overlay: any OverlayView) -> [Effect] {
    if let effects = overlay.press(chord, &self) { return effects }
    if let binding = keys.binding(for: chord, in: overlay) { return binding.perform(&self) }
    if let effects = pressAfterEscape(chord) { return effects }
    switch overlay.otherKeys {
    case .nothing: return []
    case .close:
      self.overlay = nil
      return []
    case .closeAndAct:
      self.overlay = nil
      return press(chord)
    }
  }

  /// nil leaves the key to others.
  private mutating func pressInCompletion(_ chord: KeyChord) -> [Effect]? {
    guard let completion else { return nil }
    if let binding = keys.binding(for: chord, in: CompletionPopup()) { return binding.perform(&self) }
    // Enter runs what is typed, unless something was picked from the list that is not there yet.
    guard chord == KeyChord(.enter), completion.wasMoved, completion.accepted.dropLast() != input.text else {
      return nil
    }
    return acceptCompletion()
  }

  /// Everything but a few keys is readline's.
  private mutating func pressInInput(_ chord: KeyChord) -> [Effect] {
    switch chord {
    // A search of the history, or an argument, is readline's to end.
    case KeyChord(.escape) where input.prompt != nil:
      return [.terminal(.edit(.key(chord.key, chord.modifiers)))]
    case KeyChord(.escape):
      if editing != nil {
        editing = nil
        say("not editing any more")
        return [.terminal(.setInput(""))]
      }
      if analysis.isForeground { return stopAnalysis() }
      comparison = nil
      // In vi's mode it is a command.
      return [.terminal(.edit(.key(chord.key, chord.modifiers)))]
    case KeyChord(.pageUp), KeyChord(.pageDown):
      chat.scrollPage(by: chord.key == .pageUp ? -1 : 1)
      return []
    // readline completes a file's name by it, which an empty line has not.
    case KeyChord("/", .alt) where input.text.isEmpty && input.prompt == nil:
      return pressAfterEscape(chord) ?? []
    case .control("d") where input.text.isEmpty && input.prompt == nil: return endOfInput()
    default: return [.terminal(.edit(.key(chord.key, chord.modifiers)))]
    }
  }
}
