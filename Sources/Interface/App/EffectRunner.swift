import Engine
import Foundation
import IO
import Inference
import Sessions
import Terminal

/// Does what `update` asks for on disk and of the engine.
@MainActor
final class EffectRunner {
  let engine: any ChatEngine
  private let setup: ChatSetup
  /// The analysis that was begun last.
  private var analysis: PreparedAnalysis?
  let sessions: SessionStore
  let searcher: SessionSearcher
  private let themes: ThemeCatalog
  private(set) var journal: Journal
  /// Of work on other threads.
  private let background: BackgroundNews
  /// The model that is being fetched.
  private var pull: ModelPull?
  /// The trouble of the journal that was told last.
  private var toldTrouble: JournalError?
  /// The name of the session that was told last.
  private var toldName: SessionName
  private(set) var remembered: RememberedState

  var models: ModelStore { setup.models }

  /// Opens the session that the setup names.
  ///
  /// - Parameter wake: Wakes the interface, on any thread, for news of other threads.
  /// - Returns: also the session as it was left, and whether it is a new one.
  static func open(
    _ setup: ChatSetup, engine: any ChatEngine, wake: @escaping @Sendable () -> Void = {}
  ) throws(JournalError) -> (EffectRunner, SessionStore.Opened) {
    let sessions = SessionStore(directory: setup.directories.sessions)
    let opened =
      if let name = setup.session { try sessions.open(SessionName(name)) } else { try sessions.create() }
    return (EffectRunner(setup, sessions, opened.journal, engine, BackgroundNews(wake: wake)), opened)
  }

  private init(
    _ setup: ChatSetup, _ sessions: SessionStore, _ journal: Journal, _ engine: any ChatEngine,
    _ background: BackgroundNews
  ) {
    self.background = background
    self.setup = setup
    self.sessions = sessions
    searcher = SessionSearcher(sessions, background)
    toldName = journal.name
    self.journal = journal
    self.engine = engine
    themes = ThemeCatalog(userFolder: setup.directories.themes)
    remembered = RememberedState.load(from: setup.directories.rememberedFile)
  }

  /// Carries out `effect` and tells what came of it.
  ///
  /// - Parameter onTerminal: Does what concerns the terminal.
  func perform(_ effect: Effect, onTerminal: (TerminalEffect) -> Void) -> [AppEvent] {
    do {
      switch effect {
      case .engine(let command):
        send(command)
        return []
      case .interrupt:
        engine.interrupt()
        return []
      case .watch(let watch):
        engine.watch(watch)
        return []
      case .stopAnalysis:
        engine.stopAnalyses()
        return []
      case .analyse(let request):
        do {
          let prepared = try request.prepare(setup.directories)
          analysis = prepared
          engine.send(.analyse(prepared.job))
        } catch {
          return [.engine(.analysis(.ended(.failed("\(error)"))))]
        }
        return []
      case .keep(let report):
        try analysis?.keep(report)
        return []
      case .journal(let event, let date):
        try? journal.record(event, at: date)  // it keeps its trouble, which is told once
        remember(event)
        return news()
      case .loadModel(let name):
        do { send(.load(path: try setup.models.resolve(name).path, options: setup.loading)) } catch {
          return [.engine(.failed(.load, message: "\(error)"))]
        }
        return []
      case .inspectModels(let others):
        ModelInspection.begin(setup.models, setup.loading, others: others, background)
        return []
      case .pull(let name):
        pull = ModelPull(name, background)
        return []
      case .stopPull:
        pull?.stop()
        return []
      case .openSession(let name):
        let name = try SessionName(name)
        guard sessions.exists(name) else {
          return [.failed("\(sessions.missing(name)), /new \(name) begins it")]
        }
        return try open(name)
      case .newSession(let name):
        let name = try name.map { text throws(JournalError) in try SessionName(text) }
        if let name, sessions.exists(name) { throw JournalError.exists(name) }
        return try open(name)
      case .sessions(let effect): return try perform(effect)
      case .savePlan(let plan, let name, let model, let replaces):
        let url = try PlanFile.url(named: name, in: setup.directories.plans)
        do { try PlanFile(plan: plan, model: model).save(to: url, replaces: replaces) } catch {
          guard error.isTaken else { throw error }
          return [
            .failed("another plan is saved as \(name): /plan save \(name) --force replaces it")
          ]
        }
        return [.planSaved(name: name)]
      case .loadPlan(let name):
        let url = try PlanFile.find(name, in: setup.directories.plans)
        return [
          .planLoaded(try PlanFile.load(from: url), name: url.deletingPathExtension().lastPathComponent)
        ]
      case .loadTheme(let name): return [.themeLoaded(try themes.theme(name))]
      case .attachFiles(let text): return [attach(text)]
      case .checkFile(let path):
        return [.fileChecked(path, bytes: try TextFile.read(TextFile.expanded(path)).utf8.count)]
      case .listFolder(let folder):
        return [.folder(FolderNames(folder: folder, names: TextFile.names(in: folder)))]
      case .savePrompt(let text, let name, let replaces):
        do {
          try PromptFile.save(text, as: name, in: setup.directories.prompts, replaces: replaces)
        } catch {
          guard error.isTaken else { throw error }
          return [.failed("another prompt is kept as \(name): /system save \(name) --force replaces it")]
        }
        return [.told("kept as \(name): /system load \(name) uses it"), .catalog(catalog())]
      case .loadPrompt(let name, let use):
        return [
          .promptLoaded(try PromptFile.load(name, in: setup.directories.prompts), name: name, use)
        ]
      case .rememberLayout(let layout):
        remember { $0.layout = layout }
        return []
      case .rememberThinking(let model, let choice):
        remember { $0.thinking = ($0.thinking ?? [:]).merging([model: choice]) { $1 } }
        return []
      case .refreshCatalog: return [.catalog(catalog())]
      case .save(let text, let path, let remark):
        let file = try OutputFile(
          URL(filePath: (path as NSString).expandingTildeInPath).path, replaces: false, waits: false)
        try file.write(text.utf8)
        try file.finish()
        return [.told("saved \(file.path)" + (remark.isEmpty ? "" : ": \(remark)"))]
      case .terminal(let effect):
        onTerminal(effect)
        return []
      }
    } catch {
      return [.failed("\(error)")]
    }
  }

  /// Sends a command, of which a report knows if it ends in a crash.
  private func send(_ command: EngineCommand) {
    switch command {
    case .load(let path, _): CrashReport.set(.model, path)
    case .use(let plan): CrashReport.set(.plan, "\(plan)")
    case .answer(let request): CrashReport.set(.plan, "\(request.plan)")
    case .recall, .tokenize, .analyse: break
    }
    engine.send(command)
  }

  /// A message with the files that it names behind it.
  private func attach(_ text: String) -> AppEvent {
    var message = text
    var missing: [String] = []
    do {
      for reference in FileReference.all(in: text) {
        guard let path = reference.candidates.first(where: TextFile.exists) else {
          if reference.isPath { missing.append(reference.path) }
          continue
        }
        if FileReference.isAttached(path, to: text) { continue }
        message = FileReference.attach(try TextFile.read(TextFile.expanded(path)), of: path, to: message)
      }
    } catch {
      return .filesRefused(text, why: "\(error)")
    }
    return .filesAttached(message, missing: missing)
  }

  private func catalog() -> Catalog {
    Catalog(
      themes: [.init(ThemeCatalog.automaticName, "dark or light, as the terminal's background")]
        + themes.names.map { name in
          do { return .init(name, try themes.theme(name).summary) } catch {
            return .init(name, "cannot be used")
          }
        },
      plans: PlanFile.names(in: setup.directories.plans).map { .init($0) },
      prompts: PromptFile.names(in: setup.directories.prompts).map { name in
        let text = try? PromptFile.load(name, in: setup.directories.prompts)
        return .init(name, text.map { String($0.prefix(60)).replacing("\n", with: " ") } ?? "cannot be used")
      },
      models: setup.models.models().filter(\.isPresent).map {
        .init($0.name, $0.bytes.map(Figures.bytes) ?? "")
      },
      sessions: sessions.list().filter { $0.name != journal.name }
        .map { .init($0.name.description, $0.firstPrompt ?? "") })
  }

  /// The theme to begin with: the one that was asked for, else the session's, else the default; and those of
  /// which the background decides.
  func firstTheme(_ session: Session) throws(ThemeError) -> (theme: Theme, BackgroundThemes) {
    func theme(_ name: String) throws(ThemeError) -> Theme? {
      name == ThemeCatalog.automaticName ? nil : try themes.theme(name)
    }
    let chosen: Theme?
    if let name = setup.theme {
      chosen = try theme(name)
    } else if let name = session.settings["theme"], let known = try? theme(name) {
      chosen = known
    } else {
      chosen = try theme(setup.defaultTheme)
    }
    /// A mistake in the user's own file is no reason where another theme is used.
    func ground(_ name: String) throws(ThemeError) -> Theme {
      if chosen != nil, let theme = try? themes.theme(name) { return theme }
      return try (chosen == nil ? themes : ThemeCatalog(userFolder: nil)).theme(name)
    }
    let background = BackgroundThemes(
      dark: try ground("dark"), light: try ground("light"), isFollowed: chosen == nil,
      background: BackgroundThemes.background(
        colorFGBG: ProcessInfo.processInfo.environment["COLORFGBG"]))
    return (chosen ?? background.theme, background)
  }

  /// Opens or begins a session in place of the open one; nil begins one that gets its name from what is said.
  func open(_ name: SessionName?) throws(JournalError) -> [AppEvent] {
    if let name, name == journal.name { return [.told("session \(name) is open already")] }
    try journal.retry()  // what waits would be lost with it
    let opened = if let name { try sessions.open(name) } else { try sessions.create() }
    journal.close()
    journal = opened.journal
    toldName = journal.name
    remember()
    return [.sessionOpened(opened.replay.session, name: journal.name.description, isNew: opened.isNew)]
      + opened.replay.notes.prefix(1).map { .told($0) }
  }

  /// What became of the session's file, and of work on other threads, since this was last asked.
  func news() -> [AppEvent] {
    let trouble = journal.trouble, name = journal.name
    var news = journal.takeNews().map { AppEvent.told($0) } + background.drain()
    if trouble != toldTrouble { news.append(.saving(problem: trouble?.description)) }
    if name != toldName { news.append(.sessions(.named("\(name)"))) }
    (toldTrouble, toldName) = (trouble, name)
    return news
  }

  /// The choices that the next run starts with.
  func remember(_ event: SessionEvent? = nil) {
    remember { now in
      switch event {
      case .model(let model)?: now.lastModel = model.path
      case .setting("theme", let name)?: now.theme = name
      default: break
      }
      now.lastSession = journal.name.description
    }
  }

  private func remember(_ change: (inout RememberedState) -> Void) {
    var now = remembered
    change(&now)
    guard now != remembered else { return }
    remembered = now
    // Losing it costs nothing but a choice to be made again.
    try? now.save(to: setup.directories.rememberedFile)
  }

  /// The way that a chat ended which is closed now: looks whether what was said is in the file.
  ///
  /// - Parameter signal: The one that ended it.
  func outcome(_ state: AppState, signal: Int32? = nil) -> ChatOutcome {
    let isTalk = state.session.conversation.nodes.contains { $0.role == .user }
    if isTalk, let trouble = journal.trouble { return .unsaved("\(trouble)") }
    return signal.map { .signal($0) } ?? .quit(session: isTalk ? journal.name.description : nil)
  }

  /// Ends the session: waits a moment for an answer that was stopped, so that its end is kept.
  func close(_ state: inout AppState) {
    let deadline = ContinuousClock.now + .seconds(1)
    if state.answering != nil { engine.interrupt() }
    pull?.stop()
    while state.answering != nil, ContinuousClock.now < deadline {
      for event in engine.drain() {
        for effect in update(&state, .engine(event)) {
          if case .journal = effect { _ = perform(effect) { _ in } }
        }
      }
      if state.answering != nil { Thread.sleep(forTimeInterval: 0.002) }
    }
    journal.close()
  }
}
