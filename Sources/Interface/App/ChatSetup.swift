import Engine
import Inference
import Sessions

/// The options of `pare chat`; flags have won over the environment and the settings already.
public struct ChatSetup: Sendable {
  /// Folders of settings, sessions and caches.
  public var directories: Directories
  public var models: ModelStore
  /// The path of the model to open first.
  public var model: String
  /// The way that models are opened.
  public var loading = LoadOptions()
  /// The session to resume or begin; nil begins one that gets its name from what is said.
  public var session: String?
  /// The theme that was asked for; nil takes the session's, or else `defaultTheme`.
  public var theme: String?
  /// The theme of sessions that have none.
  public var defaultTheme = ThemeCatalog.automaticName
  /// nil leaves a resumed session's plan as it is.
  public var plan: PlanFile?
  /// The name that the plan was saved under.
  public var planName: String?
  /// The choices of new sessions.
  public var defaults = SessionDefaults()
  /// The keys that the settings change.
  public var keys = KeyMap()
  /// Notices for the start, such as mistakes in the settings.
  public var notes: [String] = []

  /// A setup for the model at the path `model`.
  public init(directories: Directories, models: ModelStore, model: String) {
    self.directories = directories
    self.models = models
    self.model = model
  }
}

/// The engine as the interface needs it. Any thread may call it; nothing in it waits.
protocol ChatEngine: AnyObject, Sendable {
  func send(_ command: EngineCommand)
  /// Stops what is under way.
  func interrupt()
  /// Has something computed and reported from now on.
  func watch(_ watch: Watch?)
  func stopAnalyses()
  /// The reports since the last call.
  func drain() -> [EngineEvent]
}

extension Engine: ChatEngine {}
