extension AppState {
  /// Leads back to the input line.
  mutating func focusInput() {
    focus = .input
    isZoomed = false
  }

  /// ^C: stops the answer, and gives a message that waits for its end back to the input line; on an idle
  /// program clears the line, then offers to quit.
  mutating func interruptOrQuit() -> [Effect] {
    if answering != nil || progress != nil {
      var effects: [Effect] = [.interrupt]
      if case .prompt(let text)? = pending {
        effects.append(.terminal(.setInput(input.text.isEmpty ? text : "\(text)\n\(input.text)")))
      }
      pending = nil
      liveRerunDue = nil
      say("stopping")
      // A plan that is being made ready is on the way to a measurement; an answer goes on beside one.
      if answering == nil, analysis.running != nil { effects.append(.stopAnalysis) }
      return effects
    }
    if analysis.isForeground || focus != .input && analysis.running != nil { return stopAnalysis() }
    if !input.text.isEmpty || input.prompt != nil {
      say("^C again offers to quit; ^_ brings the line back")
      return [.terminal(.setInput(""))]
    }
    if pull?.isStopping == false { return stopPull() }
    overlay = .confirmQuit
    return []
  }

  /// ^D on an empty line: ends the program, or asks where something would be lost or is under way.
  mutating func endOfInput() -> [Effect] {
    guard isWorking || unsaved != nil else { return quit() }
    overlay = .confirmQuit
    return []
  }

  /// Ends the analysis under way; its results so far are kept.
  mutating func stopAnalysis() -> [Effect] {
    say("stopping")
    return [.stopAnalysis]
  }

  /// Ends the program, and before it the answer under way.
  func quit() -> [Effect] { answering == nil ? [.terminal(.quit)] : [.interrupt, .terminal(.quit)] }
}
