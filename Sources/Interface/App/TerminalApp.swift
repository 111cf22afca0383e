import Foundation
import Inference
import Sessions
import Terminal

/// The interface on a terminal: carries events to `update`, effects to where they belong, and states to the
/// screen.
@MainActor
final class TerminalApp {
  private let screen: Screen
  private let loop: EventLoop
  private let editor: LineEditor
  private let runner: EffectRunner
  private var state: AppState
  private let started = ContinuousClock.now
  private var frame: Frame?
  /// Why the first model could not be opened; the program then ends.
  private var loadFailure: String?

  init(screen: Screen, loop: EventLoop, runner: EffectRunner, state: AppState, historyPath: String) {
    self.screen = screen
    self.loop = loop
    self.runner = runner
    self.state = state
    editor = LineEditor(application: "pare", historyPath: historyPath)
  }

  /// Runs until the user quits; the terminal is as it was when this returns.
  ///
  /// - Parameter first: what happens before the user does anything.
  func run(_ first: [AppEvent]) -> ChatOutcome {
    let isAsked = state.backgroundThemes?.isFollowed == true && screen.askForBackground()
    for event in first { take(event) }
    let outcome = loop.run(
      // A frame in the wrong theme would flash.
      holdingFirstFrame: isAsked ? .milliseconds(80) : .zero,
      handle: { event in self.handle(event) },
      render: {
        let frame = Frame(self.state, after: self.frame)
        self.screen.show(frame.grid)
        self.frame = frame
      })
    perform(state.rememberingLayout)
    runner.close(&state)
    screen.stop()
    if let loadFailure { return .noModel(loadFailure) }
    switch outcome {
    case .signal(let number): return runner.outcome(state, signal: number)
    case .inputClosed: return runner.outcome(state, signal: SIGHUP)  // which may come later, or not at all
    case .stopped: return runner.outcome(state)
    }
  }

  private func handle(_ event: InputEvent) {
    switch event {
    case .wake:
      for event in runner.engine.drain() { take(.engine(event)) }
    case .tick: break
    default: take(.input(event))
    }
    for event in runner.news() { take(event) }
    take(.tick((ContinuousClock.now - started) / .seconds(1)))
    if state.isAnimated { loop.requestTick(after: .milliseconds(100)) }
  }

  private func take(_ event: AppEvent) {
    if case .engine(.failed(.load, let message)) = event, state.model == nil {
      loadFailure = message
      return loop.stop()
    }
    for effect in update(&state, event) { perform(effect) }
  }

  private func perform(_ effect: Effect) {
    for event in runner.perform(effect, onTerminal: perform) { take(event) }
  }

  private func perform(_ effect: TerminalEffect) {
    switch effect {
    case .edit(let event): edit(event)
    case .setInput(let text):
      editor.clear()
      if !text.isEmpty { editor.text = text }  // one step of undo brings the old one back
      take(.inputSet(mirror))
    case .openEditor(let text, let subject): take(openEditor(text, subject))
    case .copy(let text, let name): take(.copied(name: name, screen.copy(text)))
    case .reportMouse(let isOn): screen.reportsMouse = isOn
    case .savePicture(let path): perform(.save(state.svg(), path: path, remark: ""))
    case .redraw: screen.redraw()
    case .suspend: screen.suspend()
    case .quit: loop.stop()
    }
  }

  private func openEditor(_ text: String, _ subject: EditedText) -> AppEvent {
    do {
      return .edited(try UserEditor.edit(text, on: screen), subject)
    } catch {
      return .failed("\(error)")
    }
  }

  private func edit(_ event: InputEvent) {
    switch editor.handle(event) {
    case .submitted(let text): take(.submitted(text))
    case .edited: take(.inputChanged(mirror))
    case .ignored, .endOfInput: break
    }
  }

  private var mirror: InputMirror {
    let text = editor.text
    let prompt = editor.prompt
    return InputMirror(
      text: text, cursor: text.utf8.distance(from: text.startIndex, to: editor.cursor),
      prompt: prompt.isEmpty ? nil : prompt)
  }
}
