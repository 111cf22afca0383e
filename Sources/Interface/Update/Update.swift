import Foundation
import Inference
import Sessions
import Terminal

/// Changes `state` by an event and returns the work that follows outside of it. Pure: the same state and
/// event give the same result.
///
///     keys, mouse ─┐
///     engine ──────┼─► AppEvent ─► update ─┬─► AppState ─► Frame ─► screen
///     disk ────────┘                       └─► Effect ─► EffectRunner ─► engine, disk, terminal
func update(_ state: inout AppState, _ event: AppEvent) -> [Effect] {
  let effects = state.react(to: event)
  let layout = state.layout
  if let room = layout.panes[.chat]?.inset() {
    state.fitConversation(width: room.width, height: state.chatRows(in: room))
    state.revealToken()
  }
  return effects + state.updateComparison() + state.updateWatch(layout)
}

extension AppState {
  fileprivate mutating func react(to event: AppEvent) -> [Effect] {
    switch event {
    case .input(let input): return react(to: input)
    case .inputChanged(let mirror):
      if mirror != input { notice = nil }
      return take(mirror)
    // What was said with it is yet to be read.
    case .inputSet(let mirror): return take(mirror)
    case .submitted(let text):
      input = InputMirror()
      completion = nil
      folder = nil
      return submit(text)
    case .engine(let event): return react(to: event)
    case .tick(let time): return tick(time)
    case .themeLoaded(let theme):
      self.theme = theme
      backgroundThemes?.isFollowed = false
      guard session.settings["theme"] != theme.name else { return [] }
      say("theme \(theme.name)")
      return record(.setting(key: "theme", value: theme.name))
    case .planLoaded(let file, let name): return usePlan(file, name: name)
    case .planSaved(let name):
      plans.name(plan, name)
      say("plan saved as \(name)")
      return [.refreshCatalog]
    case .began(let isNew): return (isNew ? takeDefaults() : []) + mouseSetting + [.refreshCatalog]
    case .opening(let model):
      isLoading = true
      return [.loadModel(model)]
    case .sessionOpened(let session, let name, let isNew):
      return show(session, name: name) + (isNew ? takeDefaults() : [])
    case .catalog(let catalog):
      self.catalog = catalog
      completion = Completion(for: self)
      return []
    case .filesAttached(let text, let missing):
      let effects = send(text)
      if let path = missing.first { say(.warning, "there is no file \(path): it was sent as a word") }
      return effects
    case .filesRefused(let text, let why):
      say(.error, why)
      return [.terminal(.setInput(text))]
    case .fileChecked(let path, let bytes):
      focusInput()
      say("\(path), \(Figures.bytes(bytes)): write what is to be done with it")
      return [.terminal(.setInput("\(FileReference.spelling(of: path)) "))]
    case .folder(let names):
      guard folder?.folder == names.folder else { return [] }
      folder = names
      completion = Completion(for: self)
      return []
    case .promptLoaded(let text, let name, let use): return take(prompt: text, name: name, for: use)
    case .edited(let text, let subject): return take(edited: text, subject)
    case .sessions(let news): return react(to: news)
    case .copied(let name, let reach):
      sayCopied(name, reach)
      return []
    case .models(let cards, let isLooking):
      take(cards, isLooking: isLooking)
      return []
    case .pullProgress(let report):
      take(report)
      return []
    case .pullEnded(let name, let end): return endPull(of: name, end)
    case .saving(let problem):
      saySaving(problem)
      return []
    case .told(let text):
      say(text)
      return []
    case .failed(let text):
      say(.error, text)
      return []
    }
  }

  private mutating func take(_ mirror: InputMirror) -> [Effect] {
    input = mirror
    let effects = listFolder()
    completion = Completion(for: self)
    return effects
  }

  /// Takes a line that Enter ended: a command, or a message.
  private mutating func submit(_ text: String) -> [Effect] {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !trimmed.isEmpty else { return isInLines ? [] : sendExample() }
    if trimmed.hasPrefix("/"), text.first == "/" { return run(commandLine: trimmed) }
    // An answer is kept as it is written.
    let isAnswer = editing.flatMap { session.conversation[$0] }?.role == .assistant
    return isAnswer || FileReference.all(in: text).isEmpty ? send(text) : [.attachFiles(text)]
  }

  private mutating func tick(_ time: Double) -> [Effect] {
    self.time = time
    if notice?.isOver(at: time) == true { notice = nil }
    guard let due = liveRerunDue, time >= due else { return [] }
    liveRerunDue = nil
    return rerun()
  }
}
