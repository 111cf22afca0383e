import Templates

/// The choices of a prompt beside its messages: whether the model shall think, and variables of the template.
public struct PromptChoices: Sendable, Hashable {
  /// nil leaves it to the template.
  public var think: Think?
  /// By name, as people write them: see ``value(of:)``.
  public var variables: [String: String]
  public init(think: Think? = nil, variables: [String: String] = [:]) {
    self.think = think
    self.variables = variables
  }

  /// The variables with their values.
  public var values: [Text: Value] {
    Dictionary(uniqueKeysWithValues: variables.map { (Text($0.key), Self.value(of: $0.value)) })
  }

  /// The value that a text stands for: what JSON it is (`true`, `3`, `null`, `["a"]`, `"3"`), else the text itself.
  static func value(of text: String) -> Value { (try? Value(json: text)) ?? .markup(text) }
}

extension SamplingOptions {
  /// The choices of the prompt among the options. Templates that know a budget (Seed-OSS) tell the model of it.
  public var prompt: PromptChoices {
    var variables = templateVariables
    if let thinkBudget, thinkBudget > 0, think != .off, variables["thinking_budget"] == nil {
      variables["thinking_budget"] = "\(thinkBudget)"
    }
    return PromptChoices(think: think, variables: variables)
  }
}
