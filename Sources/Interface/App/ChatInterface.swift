import Engine
import Foundation
import IO
import Inference
import Sessions
import Terminal

/// The way a chat ended.
public enum ChatOutcome: Sendable, Hashable {
  /// `session` is nil if nothing was said.
  case quit(session: String?)
  /// By custom the program now exits with 128 plus the number.
  case signal(Int32)
  /// What was said is not in the session's file; one line that says why.
  case unsaved(String)
  /// The first model could not be opened; one line that says why.
  case noModel(String)
}

/// `pare chat`: the interface on a terminal, or in lines where there is none.
public enum ChatInterface {
  /// Runs until the user quits.
  @MainActor
  public static func run(_ setup: ChatSetup) throws -> ChatOutcome {
    let log = setup.directories.logFile
    try? FileManager.default.createDirectory(
      at: log.deletingLastPathComponent(), withIntermediateDirectories: true)
    do {
      let screen = try Screen.start(.init(logPath: log.path))
      defer { screen.stop() }
      return try runOnScreen(screen, setup)
    } catch let reason as Screen.StartError {
      if reason != .notATerminal { StandardError.line("\(reason); working in lines") }
      return try runInLines(setup)
    }
  }

  @MainActor
  private static func runOnScreen(_ screen: Screen, _ setup: ChatSetup) throws -> ChatOutcome {
    let loop = EventLoop(screen: screen)
    let waker = loop.waker
    let engine = Engine(begin: CrashReport.coverThread) { waker.wake() }
    let (runner, opened) = try EffectRunner.open(setup, engine: engine) { waker.wake() }
    let (theme, backgroundThemes) = try runner.firstTheme(opened.replay.session)
    var state = AppState(
      session: opened.replay.session, theme: theme, size: screen.size, colors: screen.colors,
      keys: setup.keys, defaults: setup.defaults)
    state.backgroundThemes = backgroundThemes
    state.restoreLayout(runner.remembered.layout)
    state.rememberedThinking = runner.remembered.thinking ?? [:]
    let app = TerminalApp(
      screen: screen, loop: loop, runner: runner, state: state,
      historyPath: setup.directories.historyFile.path)
    return app.run(firstEvents(setup, opened))
  }

  @MainActor
  private static func runInLines(_ setup: ChatSetup) throws -> ChatOutcome {
    let wakes = DispatchSemaphore(value: 0)
    let engine = Engine(begin: CrashReport.coverThread) { wakes.signal() }
    let (runner, opened) = try EffectRunner.open(setup, engine: engine) { wakes.signal() }
    var state = AppState(
      session: opened.replay.session, theme: try runner.firstTheme(opened.replay.session).theme,
      keys: setup.keys, defaults: setup.defaults,
      isInLines: true)
    state.rememberedThinking = runner.remembered.thinking ?? [:]
    let activity = Activity()
    let reader = LineReader {
      guard activity.isBusy.load(ordering: .relaxed) else { return false }
      engine.interrupt()
      engine.stopAnalyses()
      return true
    }
    let isInteractive = isatty(STDIN_FILENO) == 1
    let mode = LineMode(
      runner: runner, state: state, wakes: wakes, activity: activity,
      aside: StandardError.isTerminal ? { StandardError.aside($0) } : nil,
      readLine: {
        if isInteractive { StandardError.question("› ") }
        return reader.next()
      },
      write: { text throws(OutputError) in try TextOutput.standard.text(text) },
      note: { StandardError.line($0) })
    return try mode.run(firstEvents(setup, opened))
  }

  static func firstEvents(_ setup: ChatSetup, _ opened: SessionStore.Opened) -> [AppEvent] {
    var events: [AppEvent] = [
      .sessions(.named(opened.journal.name.description)), .began(isNew: opened.isNew),
    ]
    if let plan = setup.plan { events.append(.planLoaded(plan, name: setup.planName ?? "custom")) }
    events += (setup.notes + opened.replay.notes).map { .told($0) }
    return events + [.opening(model: setup.model)]
  }
}
