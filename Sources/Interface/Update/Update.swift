import Engine
import Inference
import Sessions
import Terminal

/// Changes `state` by what happened and returns what is to be done outside of it. Pure: the same state and
/// event give the same result.
public func update(_ state: inout AppState, _ event: AppEvent) -> [Effect] {
  let isMoreText = event.isMoreText(state)
  let effects = state.react(to: event)
  state.fitPanes()
  // What is refused is told.
  if !isMoreText || state.notice != nil { state.screenChanges.beyondText += 1 }
  if event.concernsMeasurements(effects) { state.screenChanges.measurements += 1 }
  return effects + state.updateWatch()
}

extension AppEvent {
  /// Whether it does no more than write on in the chat, or tell the time while nothing waits for it.
  fileprivate func isMoreText(_ state: AppState) -> Bool {
    switch self {
    case .engine(.answerText): state.chat.isFollowing && state.comparison == nil && state.progress == nil
    case .tick: state.notice == nil && state.liveRerunDue == nil
    default: false
    }
  }

  /// False for what comes many times a second and changes neither Layers nor the heatmap.
  fileprivate func concernsMeasurements(_ effects: [Effect]) -> Bool {
    switch self {
    case .engine(.answerText), .engine(.rates), .inputChanged: false
    case .tick: !effects.isEmpty
    default: true
    }
  }
}

extension AppState {
  fileprivate mutating func react(to event: AppEvent) -> [Effect] {
    switch event {
    case .input(let input): return react(to: input)
    case .inputChanged(let mirror):
      if mirror != input { notice = nil }
      input = mirror
      completion = Completion(for: self)
      return []
    case .submitted(let text):
      input = InputMirror()
      completion = nil
      return submit(text)
    case .engine(let event): return react(to: event)
    case .tick(let time): return tick(time)
    case .themeLoaded(let theme):
      self.theme = theme
      guard session.settings["theme"] != theme.name else { return [] }
      say("theme \(theme.name)")
      return record(.setting(key: "theme", value: theme.name))
    case .planLoaded(let file, let name): return usePlan(file, name: name)
    case .planSaved(let name):
      plans.named(name)
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
    case .told(let text):
      say(text)
      return []
    case .failed(let text):
      say(.error, text)
      return []
    }
  }

  private mutating func tick(_ time: Double) -> [Effect] {
    self.time = time
    if notice?.isOver(at: time) == true { notice = nil }
    guard let due = liveRerunDue, time >= due else { return [] }
    liveRerunDue = nil
    return rerun()
  }

  /// Takes `event` into the session, and has it journalled.
  mutating func record(_ event: SessionEvent) -> [Effect] {
    do {
      try session.apply(event, at: date)
      return [.journal(event, at: date)]
    } catch {
      say(.error, "session: \(error)")
      return []
    }
  }
}
