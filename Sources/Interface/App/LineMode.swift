import Engine
import Foundation
import IO
import Inference
import Sessions
import Synchronization
import Terminal

/// The interface without a screen, for pipes and dumb terminals: lines in, answers out. The same state,
/// update and commands as on the screen.
@MainActor
final class LineMode {
  private let runner: EffectRunner
  private var state: AppState
  private let wakes: DispatchSemaphore
  private let activity: Activity
  private let readLine: () -> LineReader.Input
  private let write: (String) throws(OutputError) -> Void
  /// Notices, figures and prompts; not part of the conversation.
  private let note: (String) -> Void
  private let started = ContinuousClock.now
  private var hasQuit = false
  private var loadFailure: String?
  /// The reason why nothing more can be read or written; the program then ends.
  private var failure: (any Error)?
  /// Takes what the model thinks, as it comes; nil where nobody reads along.
  private let aside: ((String) -> Void)?
  /// Whether a thought was the last that was shown.
  private var isThinking = false
  /// The last notice that was written.
  private var noticed: Notice?

  /// - Parameters:
  ///   - wakes: signalled whenever the engine has something to tell.
  ///   - activity: says, to whom it may concern, whether an answer is awaited.
  init(
    runner: EffectRunner, state: AppState, wakes: DispatchSemaphore, activity: Activity,
    aside: ((String) -> Void)? = nil, readLine: @escaping () -> LineReader.Input,
    write: @escaping (String) throws(OutputError) -> Void, note: @escaping (String) -> Void
  ) {
    self.runner = runner
    self.state = state
    self.wakes = wakes
    self.activity = activity
    self.aside = aside
    self.readLine = readLine
    self.write = write
    self.note = note
  }

  /// Runs until the user quits.
  ///
  /// - Throws: `InputError` or `OutputError` when stdin or stdout fails; the session is kept.
  func run(_ first: [AppEvent]) throws -> ChatOutcome {
    for event in first { take(event) }
    wait()
    var signal: Int32?
    while goesOn, signal == nil {
      switch readLine() {
      case .line(let line):
        take(.submitted(line))
        wait()
      case .end: hasQuit = true
      case .interrupted: signal = SIGINT
      case .failed(let error): failure = error
      }
      for event in runner.news() { take(event) }
    }
    runner.close(&state)
    if let failure { throw failure }
    if let loadFailure { return .noModel(loadFailure) }
    return runner.outcome(state, signal: signal)
  }

  private var goesOn: Bool { !hasQuit && loadFailure == nil && failure == nil }

  /// Handles what the engine tells until it has nothing left to do.
  private func wait() {
    activity.isBusy.store(true, ordering: .relaxed)
    defer { activity.isBusy.store(false, ordering: .relaxed) }
    while goesOn, state.isWorking || state.liveRerunDue != nil {
      // A live rerun waits for more changes on a screen; here each line is all there is.
      if let due = state.liveRerunDue, !state.isWorking { take(.tick(due)) }
      guard state.isWorking else { continue }
      wakes.wait()
      for event in runner.engine.drain() { take(.engine(event)) }
      for event in runner.news() { take(event) }
      take(.tick((ContinuousClock.now - started) / .seconds(1)))
    }
  }

  private func take(_ event: AppEvent) {
    if case .engine(.failed(.load, let message)) = event, state.model == nil {
      loadFailure = message
      return
    }
    for effect in update(&state, event) { perform(effect) }
    if case .engine(let event) = event { show(event) }
    showNotice()
    if case .text(let page) = state.overlay {
      for line in page.lines { note(line.plainText) }
      state.overlay = nil
    }
    if case .help = state.overlay {
      for line in HelpOverlay.commandList { note(line) }
      state.overlay = nil
    }
  }

  private func perform(_ effect: Effect) {
    for event in runner.perform(effect, onTerminal: perform) { take(event) }
  }

  private func perform(_ effect: TerminalEffect) {
    switch effect {
    case .quit: hasQuit = true
    case .edit, .setInput, .openEditor, .copy, .reportMouse, .savePicture, .redraw, .suspend: break
    }
  }

  private func show(_ event: EngineEvent) {
    switch event {
    case .answerText(Summarising.id, _), .answerFinished(Summarising.id, _): break
    case .answerText(_, let tokens):
      tell(thought: tokens.text(of: .reasoning).sanitized)
      let text = tokens.text(of: .content).sanitized
      if !text.isEmpty { endThought() }
      say(text)
    case .answerFinished(let id, let statistics):
      endThought()
      say("\n")
      if let thought = statistics.thought, let node = state.session.conversation[id], !node.reasoning.isEmpty
      {
        let seconds = Figures.seconds(thought.seconds)
        note(
          "thought for \(seconds) · \(Figures.grouped(thought.tokens)) tokens"
            + (node.isAllThought ? " · no answer came" : ""))
      }
      let drafted = statistics.draft.map { " · \(Figures.grouped($0.accepted)) drafted" } ?? ""
      let rate = statistics.decodedTokens > 0 ? Figures.rate(statistics.decodeTokensPerSecond) : "–"
      note("\(rate) tok/s\(drafted) · \(state.planLabel)")
      if let answers = ComparedAnswers(state) { note(ComparisonFigures(answers).summary.plainText) }
    default: break
    }
  }

  /// A thought is no part of the answer.
  private func tell(thought text: String) {
    guard let aside, !text.isEmpty else { return }
    aside(text)
    isThinking = true
  }

  private func endThought() {
    if isThinking { aside?("\n\n") }
    isThinking = false
  }

  private func say(_ text: String) {
    guard failure == nil else { return }
    do { try write(text) } catch { failure = error }
  }

  private func showNotice() {
    guard state.notice != noticed else { return }
    noticed = state.notice
    if let notice = state.notice { note(notice.text) }
  }
}

/// Whether the interface awaits the engine; read by whoever handles ^C.
final class Activity: Sendable {
  let isBusy = Atomic(false)
}
