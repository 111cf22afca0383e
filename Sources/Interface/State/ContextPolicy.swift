import Inference
import Sessions

/// A summary under way, by which an answer waits for its prompt.
struct Summarising: Sendable, Hashable {
  /// The node where the context is cut.
  var node: Int
  /// The first message of the user that is remembered as it was said.
  var start: Int
  /// Turns before it.
  var turns: Int
  var text = ""
  var tokens = 0
  var maximumTokens: Int

  /// The engine's id of the summary; no node has it.
  static let id = 0

  static let question = """
    Sum up our conversation so far in a few sentences: the facts, names, numbers and decisions that matter for \
    going on. Write the summary alone.
    """
}

extension AppState {
  /// The policy's name in `settings.toml` and for `/set`.
  static let contextPolicyKey = "context_policy"

  /// The policy of the session, and where it comes from.
  var contextPolicy: ContextPolicy { chosenPolicy ?? defaults.contextPolicy ?? .drop }
  var contextPolicyOrigin: String {
    chosenPolicy != nil ? "chosen" : defaults.contextPolicy != nil ? "of the settings" : "the default"
  }
  private var chosenPolicy: ContextPolicy? {
    session.settings["context"].flatMap(ContextPolicy.init(rawValue:))
  }

  /// Tokens in the context, as the engine told last.
  var contextUsed: Int { rates.newest?.contextUsed ?? 0 }
  /// The used part of the context, 0 to 1.
  var contextShare: Double { model.map { Double(contextUsed) / Double(max(1, $0.context)) } ?? 0 }
  /// The share from which on the context counts as nearly full.
  static let nearlyFull = 0.8
}

extension AppState {
  /// Turns on the current branch: those that the model remembers, and those that are left out.
  var turns: (remembered: Int, leftOut: Int) {
    let remembered = session.conversation.prompt().count { $0.message.role == .user }
    let all = session.conversation.path().count { $0.role == .user }
    return (remembered, max(0, all - remembered))
  }
}
