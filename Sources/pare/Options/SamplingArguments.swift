import ArgumentParser
import Inference
import Sessions

/// Sampling options; those not given come from the settings, then from the model's file.
struct SamplingArguments: ParsableArguments {
  @Option(name: [.customLong("temp"), .long], help: "Temperature; 0 takes the likeliest token.")
  var temperature: String?

  @Option(help: "Keep the k likeliest tokens; 0 keeps all.")
  var topK: String?

  @Option(help: "Keep the likeliest tokens up to this probability.")
  var topP: String?

  @Option(help: "Keep tokens at least this likely, relative to the likeliest.")
  var minP: String?

  @Option(help: "Keep the tokens of most typical surprise up to this probability; 1 keeps all.")
  var typicalP: String?

  @Option(help: "Keep tokens within n standard deviations of the highest logit; 0 keeps all.")
  var topNSigma: String?

  @Option(help: "How often XTC excludes the top choices but the last of them; 0 never.")
  var xtcProbability: String?

  @Option(help: "Probability that makes a token a top choice for XTC.")
  var xtcThreshold: String?

  @Option(help: "Tokens that the steps above leave at least.")
  var minKeep: String?

  @Option(help: "Penalty of recent tokens; 1 is none.")
  var repeatPenalty: String?

  @Option(help: "Penalty for each time a recent token occurs; 0 is none.")
  var frequencyPenalty: String?

  @Option(help: "Penalty of recent tokens, however often they occur; 0 is none.")
  var presencePenalty: String?

  @Option(help: "How many recent tokens the penalties look at.")
  var repeatWindow: String?

  @Option(help: "Strength of DRY, which makes repetitions less likely the longer they are; 0 is off.")
  var dryMultiplier: String?

  @Option(help: "By what DRY grows with each token of a repetition.")
  var dryBase: String?

  @Option(help: "Length up to which DRY lets repetitions pass.")
  var dryAllowedLength: String?

  @Option(help: "How many recent tokens DRY looks at.")
  var dryWindow: String?

  @Option(help: "Texts that end a repetition for DRY, between commas; \\n \\t \\, \\\\ are understood.")
  var dryBreakers: [String] = []

  @Option(help: "1 or 2: mirostat of this version instead of all steps but bias and temperature.")
  var mirostat: String?

  @Option(help: "Surprise that mirostat aims at, in bits.")
  var mirostatTau: String?

  @Option(help: "How fast mirostat corrects itself.")
  var mirostatEta: String?

  @Option(help: "What to add to the logits of tokens, such as 15043+1,257-0.5,11-inf.")
  var logitBias: [String] = []

  @Option(help: "Seed of the random numbers; the same seed gives the same answer.")
  var seed: String?

  @Option(help: "Tokens of an answer at most; 0 sets no bound.")
  var maxTokens: String?

  @Option(
    help: "Tokens of an exact repetition that stop an answer; 0 never does. Beside -n it is 0 unless given.")
  var loopGuard: String?

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
    return options
  }
}
