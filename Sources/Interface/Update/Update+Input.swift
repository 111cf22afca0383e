import Inference
import Sessions
import Terminal

extension AppState {
  mutating func react(to input: InputEvent) -> [Effect] {
    switch input {
    case .key(let key, let modifiers): return press(KeyChord(key, modifiers))
    case .paste:
      focus = .input
      overlay = nil
      return [.edit(input)]
    case .mouse(let mouse): return react(to: mouse)
    case .resize(let size):
      self.size = size
      return []
    case .focus, .wake, .tick: return []
    }
  }

  private mutating func press(_ chord: KeyChord) -> [Effect] {
    if notice?.kind == .error { notice = nil }
    if let overlay { return press(chord, in: overlay) }
    if focus == .input, let effects = pressInCompletion(chord) { return effects }
    if let binding = keys.global.first(where: { $0.chords.contains(chord) }) { return binding.perform(&self) }
    if focus == .input { return pressInInput(chord) }
    if let binding = keys.binding(for: chord, in: focus) { return binding.perform(&self) }
    switch chord {
    case KeyChord(.escape), KeyChord("q"):
      focusInput()
      return []
    case KeyChord("/"):
      focusInput()
      return [.setInput("/")]
    case KeyChord("?"):
      overlay = .help(scroll: 0)
      return []
    default: return []
    }
  }

  /// Everything but a few keys is readline's.
  private mutating func pressInInput(_ chord: KeyChord) -> [Effect] {
    switch chord {
    case KeyChord(.escape):
      if editing != nil {
        editing = nil
        say("not editing any more")
        return [.setInput("")]
      }
      if analysis.running != nil { return stopAnalysis() }
      comparison = nil
      return []
    case KeyChord(.pageUp), KeyChord(.pageDown):
      chat.scrollPage(by: chord.key == .pageUp ? -1 : 1)
      return []
    case .control("d") where input.text.isEmpty:
      overlay = .confirmQuit
      return []
    default: return [.edit(.key(chord.key, chord.modifiers))]
    }
  }

  /// nil leaves the key to others.
  private mutating func pressInCompletion(_ chord: KeyChord) -> [Effect]? {
    guard var open = completion else { return nil }
    switch chord {
    case KeyChord(.down), KeyChord(.up):
      open.move(by: chord.key == .down ? 1 : -1)
      completion = open
      return []
    case KeyChord(.tab): return [.setInput(open.accepted)]
    case KeyChord(.enter):
      // Enter runs what is typed, unless something was picked from the list that is not there yet.
      guard open.wasMoved, String(open.accepted.dropLast()) != input.text else { return nil }
      return [.setInput(open.accepted)]
    case KeyChord(.escape):
      completion = nil
      return []
    default: return nil
    }
  }

  private mutating func press(_ chord: KeyChord, in overlay: Overlay) -> [Effect] {
    switch overlay {
    case .help(let scroll):
      switch chord.key {
      case .down, "j": self.overlay = .help(scroll: scroll + 1)
      case .up, "k": self.overlay = .help(scroll: max(0, scroll - 1))
      case .pageDown, " ": self.overlay = .help(scroll: scroll + size.height / 2)
      case .pageUp: self.overlay = .help(scroll: max(0, scroll - size.height / 2))
      case .home: self.overlay = .help(scroll: 0)
      case .end: self.overlay = .help(scroll: .max / 2)
      case .character("c") where chord.modifiers == .control: self.overlay = nil
      case .escape, .enter, .function(1), "q", "?": self.overlay = nil
      default: break
      }
      if case .help(let scroll) = self.overlay {
        self.overlay = .help(scroll: min(scroll, HelpOverlay.lastScroll(self)))
      }
      return []
    case .layerDetails:
      // The details follow the cursor; anything else closes them.
      let moves = keys[.layers].first { $0.chords.contains(chord) && $0.action.hasPrefix("move-") }
      guard let moves else {
        self.overlay = nil
        return []
      }
      return moves.perform(&self)
    case .frontier:
      let last = max(0, (analysis.search?.pickable.count ?? 0) - 1)
      switch chord.key {
      case .left, .up, "h", "k": analysis.picked = max(0, analysis.picked - 1)
      case .right, .down, "l", "j": analysis.picked = min(last, analysis.picked + 1)
      case .home, "g": analysis.picked = 0
      case .end, "G": analysis.picked = last
      case .enter: return usePicked()
      default: self.overlay = nil
      }
      return []
    case .confirmQuit:
      self.overlay = nil
      switch chord {
      case KeyChord("y"), KeyChord("Y"), KeyChord(.enter), .control("c"), .control("d"): return quit()
      case KeyChord("n"), KeyChord("N"), KeyChord(.escape): return []
      // Who goes on typing stays, and loses nothing.
      default: return press(chord)
      }
    }
  }

  mutating func focusInput() {
    focus = .input
    isZoomed = false
  }

  mutating func focus(on pane: PaneID) {
    focus = pane
    if PaneID.side.contains(pane) { side = pane }
    if pane == .input { isZoomed = false }
  }

  /// Panes that Tab goes through: all that are, or could be, on the screen.
  mutating func cycleFocus(by step: Int) {
    let panes = PaneID.allCases.filter { $0 != .compare || comparison != nil }
    let place = panes.firstIndex(of: focus) ?? 0
    focus(on: panes[(place + step + panes.count) % panes.count])
  }

  /// ^C: stops the answer, and gives a message that waits for its end back to the input line; on an idle program
  /// clears the line, then offers to quit.
  mutating func interruptOrQuit() -> [Effect] {
    if answering != nil || progress != nil {
      var effects: [Effect] = [.interrupt]
      if case .prompt(let text)? = pending {
        effects.append(.setInput(input.text.isEmpty ? text : "\(text)\n\(input.text)"))
      }
      pending = nil
      liveRerunDue = nil
      say("stopping")
      // A plan that is being made ready is on the way to a measurement; an answer goes on beside one.
      if answering == nil, analysis.running != nil { effects.append(.stopAnalysis) }
      return effects
    }
    if analysis.running != nil { return stopAnalysis() }
    if !input.text.isEmpty { return [.setInput("")] }
    overlay = .confirmQuit
    return []
  }

  /// What it has found is kept.
  private mutating func stopAnalysis() -> [Effect] {
    say("stopping")
    return [.stopAnalysis]
  }

  func quit() -> [Effect] { answering == nil ? [.quit] : [.interrupt, .quit] }

  private mutating func react(to mouse: Mouse) -> [Effect] {
    let layout = layout
    let pane = layout.panes.first { $0.value.contains(mouse.position) }?.key
    switch mouse.action {
    case .press(.left):
      overlay = nil
      if let pane {
        focus(on: pane)
        if pane == .heatmap { pointInHeatmap(at: mouse.position) }
      } else if layout.input.contains(mouse.position) {
        focusInput()
      }
    case .scrollUp, .scrollDown:
      guard overlay == nil, let pane else { break }
      return scroll(pane, by: mouse.action == .scrollUp ? -1 : 1)
    default: break
    }
    return []
  }

  private mutating func scroll(_ pane: PaneID, by step: Int) -> [Effect] {
    switch pane {
    case .chat: chat.scroll(by: 3 * step)
    case .layers: moveLayer(by: step)
    case .heatmap: moveInHeatmap(rows: step)
    case .compare: scrollComparison(by: 3 * step)
    case .input, .speed: break
    }
    return []
  }

  // MARK: Cursors

  /// Moves along the rows of the Layers pane.
  mutating func moveLayer(by step: Int) {
    let rows = orderedLayers
    guard let row = rows.firstIndex(of: layer) else { return }
    layer = rows[max(0, min(row + step, rows.count - 1))]
  }

  mutating func moveLayer(to layer: Int) { self.layer = max(0, min(layer, layerCount - 1)) }

  mutating func scrollComparison(by rows: Int) {
    guard comparison != nil, let layout = self.layout.panes[.compare] else { return }
    let (top, last) = ComparePane.scrollRange(
      self, size: Size(width: layout.width - 2, height: layout.height - 2))
    comparison?.top = max(0, min(top + rows, last))
  }
}
