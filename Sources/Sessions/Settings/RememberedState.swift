import Foundation
import Glibc
import Inference

/// The state that the program keeps from one run to the next, in the state folder. The user's own settings
/// win over it.
public struct RememberedState: Sendable, Hashable, Codable {
  /// The model last opened: a catalogue name or a path.
  public var lastModel: String?
  /// The theme last chosen on the screen.
  public var theme: String?
  /// The session last open.
  public var lastSession: String?
  /// The panes, as they were last.
  public var layout: Layout?

  /// What was last chosen of thinking, by the model's name.
  public var thinking: [String: Thinking]?

  /// A choice of thinking; the model's own way where it is absent.
  public struct Thinking: Sendable, Hashable, Codable {
    public var think: Think?
    /// Tokens of a thought.
    public var budget: Int?

    public init(think: Think? = nil, budget: Int? = nil) {
      self.think = think
      self.budget = budget
    }

    /// The defaults of a model with this choice.
    public func over(_ defaults: SamplingOptions) -> SamplingOptions {
      var options = defaults
      options.think = think ?? defaults.think
      options.thinkBudget = budget ?? defaults.thinkBudget
      return options
    }
  }

  /// The choice of panes, and their sizes.
  public struct Layout: Sendable, Hashable, Codable {
    /// Whether the chat has the screen to itself.
    public var chatOnly: Bool?
    /// The shares that the side panes have of the width, and the main pane of the height.
    public var side: Double?
    public var main: Double?
    /// The side pane that is shown where there is room for one.
    public var pane: String?

    private enum CodingKeys: String, CodingKey {
      case side, main, pane
      case chatOnly = "chat_only"
    }

    public init(chatOnly: Bool? = nil, side: Double? = nil, main: Double? = nil, pane: String? = nil) {
      self.chatOnly = chatOnly
      self.side = side
      self.main = main
      self.pane = pane
    }
  }

  private enum CodingKeys: String, CodingKey {
    case theme, layout, thinking
    case lastModel = "last_model"
    case lastSession = "last_session"
  }

  /// Nothing remembered.
  public init() {}

  /// Reads `url`; a value that is missing or cannot be read is nil, since nothing here is worth an error.
  public static func load(from url: URL) -> RememberedState {
    let data = try? FileDescriptor(url.path, O_RDONLY).readAll(atMost: 1 << 20)
    return data.flatMap { try? JSONDecoder().decode(RememberedState.self, from: $0) } ?? RememberedState()
  }

  /// Writes `url`, replacing the file.
  public func save(to url: URL) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return }  // strings always encode
    try writeAtomically(data, to: url)
  }
}
