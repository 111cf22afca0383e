import Engine
import Inference
import Sessions
import Terminal

/// What can happen to the program.
public enum AppEvent: Sendable {
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
  case told(String)
  case failed(String)
}

/// What readline holds.
public struct InputMirror: Sendable, Hashable {
  public var text: String
  /// Where the cursor is, in UTF-8 bytes from the start.
  public var cursor: Int
  /// What readline asks for in place of `›`, as while it searches the history.
  public var prompt: String?

  public init(text: String = "", cursor: Int = 0, prompt: String? = nil) {
    self.text = text
    self.cursor = cursor
    self.prompt = prompt
  }
}
