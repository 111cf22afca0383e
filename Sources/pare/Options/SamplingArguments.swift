import ArgumentParser
import IO
import Inference
import Sessions

/// Sampling options; those not given come from the settings, then from the model's file.
struct SamplingArguments: ParsableArguments {
  @Option(name: [.customLong("temp"), .long], help: .sampling("temperature"))
  var temperature: String?

  @Option(help: .sampling("top_k"))
  var topK: String?

  @Option(help: .sampling("top_p"))
  var topP: String?

  @Option(help: .sampling("min_p"))
  var minP: String?

  @Option(help: .sampling("typical_p"))
  var typicalP: String?

  @Option(help: .sampling("top_n_sigma"))
  var topNSigma: String?

  @Option(help: .sampling("xtc_probability"))
  var xtcProbability: String?

  @Option(help: .sampling("xtc_threshold"))
  var xtcThreshold: String?

  @Option(help: .sampling("min_keep"))
  var minKeep: String?

  @Option(help: .sampling("repeat_penalty"))
  var repeatPenalty: String?

  @Option(help: .sampling("frequency_penalty"))
  var frequencyPenalty: String?

  @Option(help: .sampling("presence_penalty"))
  var presencePenalty: String?

  @Option(help: .sampling("repeat_window"))
  var repeatWindow: String?

  @Option(help: .sampling("dry_multiplier"))
  var dryMultiplier: String?

  @Option(help: .sampling("dry_base"))
  var dryBase: String?

  @Option(help: .sampling("dry_allowed_length"))
  var dryAllowedLength: String?

  @Option(help: .sampling("dry_window"))
  var dryWindow: String?

  @Option(help: .sampling("dry_breakers"))
  var dryBreakers: [String] = []

  @Option(help: .sampling("mirostat"))
  var mirostat: String?

  @Option(help: .sampling("mirostat_tau"))
  var mirostatTau: String?

  @Option(help: .sampling("mirostat_eta"))
  var mirostatEta: String?

  @Option(help: .sampling("logit_bias"))
  var logitBias: [String] = []

  @Option(help: .sampling("seed"))
  var seed: String?

  @Option(help: .sampling("max_tokens"))
  var maxTokens: String?

  @Option(help: .sampling("loop_guard", "Beside -n it is 0 unless given."))
  var loopGuard: String?

  @Option(help: .sampling("draft"))
  var draft: String?

  @Option(help: .sampling("think"))
  var think: String?

  @Option(help: .sampling("think_budget"))
  var thinkBudget: String?

  @Option(
    help: ArgumentHelp(
      "A variable of the chat template: true, a number, other JSON or a text.", valueName: "name=value"))
  var templateVar: [String] = []

  /// The options that were given, by the keys of ``SamplingOption``.
  private var given: [(key: String, text: String?)] {
    [
      ("temperature", temperature), ("top_k", topK), ("top_p", topP), ("min_p", minP),
      ("typical_p", typicalP), ("top_n_sigma", topNSigma), ("xtc_probability", xtcProbability),
      ("xtc_threshold", xtcThreshold), ("min_keep", minKeep), ("repeat_penalty", repeatPenalty),
      ("frequency_penalty", frequencyPenalty), ("presence_penalty", presencePenalty),
      ("repeat_window", repeatWindow), ("dry_multiplier", dryMultiplier), ("dry_base", dryBase),
      ("dry_allowed_length", dryAllowedLength), ("dry_window", dryWindow),
      ("dry_breakers", list(dryBreakers)),
      ("mirostat", mirostat), ("mirostat_tau", mirostatTau), ("mirostat_eta", mirostatEta),
      ("logit_bias", list(logitBias)), ("seed", seed), ("max_tokens", maxTokens), ("loop_guard", loopGuard),
      ("draft", draft), ("think", think), ("think_budget", thinkBudget),
    ]
  }

  /// The lists of an option that was given several times, as one; nil for none.
  private func list(_ lists: [String]) -> String? { lists.isEmpty ? nil : lists.joined(separator: ",") }

  func validate() throws {
    var choices = SamplingChoices()
    do { try add(to: &choices) } catch { throw ValidationError("\(error)") }
  }

  private func add(to choices: inout SamplingChoices) throws {
    for (key, text) in given {
      if let text { try choices.set(SamplingOption.named(key), to: text) }
    }
    for (name, text) in try TemplateVariables.parse(templateVar) {
      try choices.set(SamplingOption.named("\(SamplingOption.variablePrefix)\(name)"), to: text)
    }
  }

  /// The settings' choices, and over them the options that were given.
  func choices() throws -> SamplingChoices {
    var choices = try Settings.load(from: Directories().settingsFile).settings.sampling
    try add(to: &choices)
    return choices
  }

  /// - Parameter tokens: The number of tokens that was asked for. Nobody waits for the end of these, so that
  ///   only a guard that was asked for too stops them.
  func options(for model: Model, tokens: Int? = nil) throws -> SamplingOptions {
    let choices = try choices()
    var options = choices.over(model.sampling)
    if tokens != nil, !choices.options.contains(where: { $0.key == "loop_guard" }) { options.loopGuard = 0 }
    if let think = options.think, let refusal = model.chatFormat.refusal(of: think) { note(refusal) }
    return options
  }
}

/// `--template-var NAME=VALUE`.
enum TemplateVariables {
  static func parse(_ texts: [String]) throws -> [String: String] {
    var variables: [String: String] = [:]
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else {
        throw InputError(description: "--template-var “\(text)”: give NAME=VALUE")
      }
      // Says what is wrong with the name.
      _ = try SamplingOption.named("\(SamplingOption.variablePrefix)\(parts[0])")
      variables[parts[0]] = parts[1]
    }
    return variables
  }
}

extension ArgumentHelp {
  /// The words of the table of options.
  fileprivate static func sampling(_ key: String, _ addition: String? = nil) -> ArgumentHelp {
    let summary = SamplingOption.all.first { $0.key == key }?.summary ?? key
    return ArgumentHelp(stringLiteral: [summary, addition].compactMap { $0 }.joined(separator: " "))
  }
}
