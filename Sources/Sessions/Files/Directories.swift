import Foundation

/// The folders of the program's files, by the XDG base directory specification.
///
/// Nothing is created here; the code that writes a file creates its folder.
public struct Directories: Sendable, Hashable {
  /// Files that the user edits: settings, plans, their own model catalogue. Default `~/.config/pare`.
  public let config: URL
  /// Files that must not be lost: models and sessions. Default `~/.local/share/pare`.
  public let data: URL
  /// Files of the program between runs: history, log, last used model. Default `~/.local/state/pare`.
  public let state: URL
  /// Files that can be computed again. Default `~/.cache/pare`.
  public let cache: URL
  /// The folder of models: `$PARE_MODELS`, else `models` in the data folder.
  public let models: URL

  /// - Parameters:
  ///   - environment: Variables; empty XDG paths and, as the specification asks, relative ones count as
  ///     absent.
  ///   - home: The user's home, from which the defaults are taken; nil takes `$HOME`, else the home of the
  ///     system's user record.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    home: String? = nil
  ) {
    let home =
      home ?? environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? FileManager.default.homeDirectoryForCurrentUser.path
    func base(_ variable: String, _ fallback: String) -> URL {
      let path =
        environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/" + fallback
      return URL(filePath: path, directoryHint: .isDirectory)
        .appending(path: "pare", directoryHint: .isDirectory)
    }
    config = base("XDG_CONFIG_HOME", ".config")
    data = base("XDG_DATA_HOME", ".local/share")
    state = base("XDG_STATE_HOME", ".local/state")
    cache = base("XDG_CACHE_HOME", ".cache")
    if let path = environment["PARE_MODELS"], !path.isEmpty {
      models = URL(filePath: path, directoryHint: .isDirectory).absoluteURL
    } else {
      models = data.appending(path: "models", directoryHint: .isDirectory)
    }
  }

  public var sessions: URL { data.appending(path: "sessions", directoryHint: .isDirectory) }
  public var plans: URL { config.appending(path: "plans", directoryHint: .isDirectory) }
  /// The folder of ``PromptFile``.
  public var prompts: URL { config.appending(path: "prompts", directoryHint: .isDirectory) }
  public var themes: URL { config.appending(path: "themes", directoryHint: .isDirectory) }
  public var settingsFile: URL { config.appending(path: "settings.toml") }
  /// The user's additions to the built-in model catalogue.
  public var catalogueFile: URL { config.appending(path: "models.toml") }
  /// The file of ``RememberedState``.
  public var rememberedFile: URL { state.appending(path: "remembered.json") }
  /// The lines typed at the prompt.
  public var historyFile: URL { state.appending(path: "history") }
  /// The folder of ``DamageCache``.
  public var damage: URL { cache.appending(path: "damage", directoryHint: .isDirectory) }
  /// Packed weights: see ``WeightCache``.
  public var weights: URL { cache.appending(path: "weights", directoryHint: .isDirectory) }
  public var logFile: URL { state.appending(path: "pare.log") }
}
