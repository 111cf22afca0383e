import Foundation
import Inference

/// A key of `settings.toml`. One table, by which the file is read, and from which the commented file of
/// `pare config --init` and the documents are written.
public struct SettingsKey: Sendable {
  /// The name in the file.
  public let name: String
  /// What it does, and what holds without it.
  public let summary: String
  /// The allowed values.
  public let takes: String
  /// A value in TOML, for the commented file: the default where there is one.
  public let example: String
  /// Takes the value at a path of the document.
  let read: @Sendable (TOMLDocument, [String], inout Settings) throws(FileError) -> Void

  /// All keys outside of tables.
  public static let all: [SettingsKey] = [
    text(
      "model", \.model, "\"SmolLM2-135M-Instruct\"",
      "The model to open. Without it the one used last; a session goes on with its own.",
      takes: "a name that `pare models` lists, or the path of a GGUF file"),
    text(
      "theme", \.theme, "\"dark\"", "How the screen looks. Without it the theme chosen last.",
      takes: "the name of a theme: /theme lists them"),
    text(
      "system", \.system, "\"Answer briefly.\"",
      "The system prompt of new sessions. Without it there is none.",
      takes: "a text; three quotes hold one of several lines"),
    whole(
      "threads", \.threads, 1...1024, "2",
      "Compute threads. Without it one for each physical core."),
    whole(
      "context", \.context, 16...(1 << 24), "4096",
      "Positions of the context. Without it as many as the model was trained for, if memory allows."),
    SettingsKey(
      name: "context_policy",
      summary: "What happens when the context is full, in sessions whose /context does not say.",
      takes: ContextPolicy.allCases.map { "\"\($0.rawValue)\": \($0.summary)" }.joined(separator: "; "),
      example: "\"\(ContextPolicy.drop.rawValue)\""
    ) { document, path, settings throws(FileError) in settings.contextPolicy = try document.choice(path) },
    SettingsKey(
      "weight_cache", Settings.weightCacheRange, "8",
      "Gigabytes on the disk for packed weights, which make the next start fast; 0 keeps none."
    ) { settings, number in settings.weightCache = number },
  ]

  /// The tables of the file, besides.
  static let tables = ["sampling", "keys"]

  private init(
    name: String, summary: String, takes: String, example: String,
    read: @escaping @Sendable (TOMLDocument, [String], inout Settings) throws(FileError) -> Void
  ) {
    self.name = name
    self.summary = summary
    self.takes = takes
    self.example = example
    self.read = read
  }

  /// A key that takes a whole number.
  private init(
    _ name: String, _ range: ClosedRange<Int>, _ example: String, _ summary: String,
    set: @escaping @Sendable (inout Settings, Int) -> Void
  ) {
    self.init(
      name: name, summary: summary,
      takes: "a whole number from \(range.lowerBound) to \(range.upperBound)", example: example
    ) { document, path, settings throws(FileError) in set(&settings, try document.integer(path, in: range)) }
  }

  private static func whole(
    _ name: String, _ place: WritableKeyPath<Settings, Int?> & Sendable, _ range: ClosedRange<Int>,
    _ example: String, _ summary: String
  ) -> SettingsKey {
    SettingsKey(name, range, example, summary) { settings, number in settings[keyPath: place] = number }
  }

  private static func text(
    _ name: String, _ place: WritableKeyPath<Settings, String?> & Sendable, _ example: String,
    _ summary: String, takes: String
  ) -> SettingsKey {
    SettingsKey(name: name, summary: summary, takes: takes, example: example) {
      document, path, settings throws(FileError) in settings[keyPath: place] = try document.text(path)
    }
  }
}

extension Settings {
  /// A key or an action for the commented file.
  public struct Line: Sendable {
    public var comment: String
    /// In TOML: `top_k = 40`.
    public var setting: String

    /// - Parameters: as the properties.
    public init(comment: String, setting: String) {
      self.comment = comment
      self.setting = setting
    }
  }

  /// The text of a new `settings.toml`, in which every setting stands as a comment.
  ///
  /// - Parameters:
  ///   - sampling: The options of `[sampling]`.
  ///   - keys: The actions of `[keys]`.
  public static func template(sampling: [Line], keys: [Line]) -> String {
    func lines(_ lines: [Line]) -> String {
      lines.map { "\n# \($0.comment)\n#\($0.setting)\n" }.joined()
    }
    let own = SettingsKey.all.map {
      Line(comment: "\($0.summary)\n# Takes \($0.takes).", setting: "\($0.name) = \($0.example)")
    }
    return """
      # Settings of pare. A line that begins with # changes nothing: take the # away, and change the value.
      # `pare config` tells whether the file is right, and what it changes. Options of the command line win over it.
      \(lines(own))
      [sampling]
      # How the next token is drawn. Without these the model's own values hold, then those below.
      \(lines(sampling))
      [keys]
      # Keys by action; the help (F1) has them too. Write x, Space, F5, Ctrl-x, Alt-Enter.
      \(lines(keys))
      """
  }
}
