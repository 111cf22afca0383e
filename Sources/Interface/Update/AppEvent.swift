import Engine
import Inference
import Sessions
import Terminal

/// An event that changes the state.
enum AppEvent: Sendable {
  /// Keys, pastes, the mouse, and the terminal's size.
  case input(InputEvent)
  /// Readline's line is another one now.
  case inputChanged(InputMirror)
  /// Enter was pressed: readline returned its line.
  case submitted(String)
  case engine(EngineEvent)
  /// Seconds of a clock that never goes back.
  case tick(Double)

  /// The session is open; a new one takes the defaults.
  case began(isNew: Bool)
  /// The first model is to be opened: a path.
  case opening(model: String)

  // Answers to effects
  case themeLoaded(Theme)
  case planLoaded(PlanFile, name: String)
  case planSaved(name: String)
  case sessionOpened(Session, name: String, isNew: Bool)
  case catalog(Catalog)
  case copied(name: String, CopyReach)
  case models([ModelCard], isLooking: Bool)
  case pullProgress(PullReport)
  case pullEnded(String, PullEnd)
  /// The session is in its file, or else the reason why it is not.
  case saving(problem: String?)
  case told(String)
  case failed(String)
}
