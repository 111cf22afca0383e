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
  /// Readline's line is the one that ``TerminalEffect/setInput(_:)`` made it.
  case inputSet(InputMirror)
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
  /// A message with the files that it names; `missing` are those that are not there.
  case filesAttached(String, missing: [String])
  /// A message whose files cannot be sent.
  case filesRefused(String, why: String)
  /// A file that can be sent.
  case fileChecked(String, bytes: Int)
  case folder(FolderNames)
  case promptLoaded(String, name: String, PromptUse)
  /// An editor was left with this text.
  case edited(String, EditedText)
  case sessions(SessionsNews)
  case copied(name: String, CopyReach)
  case models([ModelCard], isLooking: Bool)
  case pullProgress(PullReport)
  case pullEnded(String, PullEnd)
  /// The session is in its file, or else the reason why it is not.
  case saving(problem: String?)
  case told(String)
  case failed(String)
}
