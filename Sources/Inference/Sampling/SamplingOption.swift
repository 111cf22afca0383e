import Tokenization

/// The sampling options by the names that the settings file, `/set`, the command line and journals use.
///
/// One table, so that an option added to ``SamplingOptions`` needs one line here to work everywhere. Values
/// are set and read as text.
public struct SamplingOption: Sendable {
  /// The name in TOML and JSON, such as `top_k`.
  public let key: String
  /// What it does, in a sentence.
  public let summary: String
  /// The part after `general.sampling.` of the key by which a model file names its own default.
  let metadataKey: String?
  private let kind: Kind

  private enum Kind {
    case float(WritableKeyPath<SamplingOptions, Float> & Sendable, ClosedRange<Float>)
    case integer(WritableKeyPath<SamplingOptions, Int> & Sendable, ClosedRange<Int>)
    /// Absent until set; `none` unsets it.
    case seed(WritableKeyPath<SamplingOptions, UInt64?> & Sendable)
    /// Absent until set; `none` unsets it.
    case count(WritableKeyPath<SamplingOptions, Int?> & Sendable, ClosedRange<Int>)
    /// Absent until set; `none` unsets it.
    case think(WritableKeyPath<SamplingOptions, Think?> & Sendable)
    /// A variable of the chat template; `none` unsets it.
    case variable(String)
    case biases(WritableKeyPath<SamplingOptions, [Token: Float]> & Sendable)
    case texts(WritableKeyPath<SamplingOptions, [String]> & Sendable)
  }

  private init(_ key: String, _ kind: Kind, _ summary: String, metadata: String? = nil) {
    self.key = key
    self.summary = summary
    self.kind = kind
    metadataKey = metadata
  }

  private static let tokens = 0...10_000_000

  /// All options, in the order of the chain.
  public static let all: [SamplingOption] = [
    .init(
      "temperature", .float(\.temperature, 0...100), "Temperature; 0 takes the likeliest token.",
      metadata: "temp"),
    .init(
      "top_k", .integer(\.topK, tokens), "Keep the k likeliest tokens; 0 keeps all.", metadata: "top_k"),
    .init(
      "top_p", .float(\.topP, 0...1), "Keep the likeliest tokens up to this probability.", metadata: "top_p"),
    .init(
      "min_p", .float(\.minP, 0...1), "Keep tokens at least this likely, relative to the likeliest.",
      metadata: "min_p"),
    .init(
      "typical_p", .float(\.typicalP, 0...1),
      "Keep the tokens of most typical surprise up to this probability; 1 keeps all."),
    .init(
      "top_n_sigma", .float(\.topNSigma, 0...1000),
      "Keep tokens within n standard deviations of the highest logit; 0 keeps all."),
    .init(
      "xtc_probability", .float(\.xtcProbability, 0...1),
      "How often XTC excludes the top choices but the last of them; 0 never.", metadata: "xtc_probability"),
    .init(
      "xtc_threshold", .float(\.xtcThreshold, 0...1), "Probability that makes a token a top choice for XTC.",
      metadata: "xtc_threshold"),
    .init(
      "min_keep", .integer(\.minKeep, tokens), "Tokens that the steps above leave at least."),
    .init(
      "repeat_penalty", .float(\.repeatPenalty, 0.01...100), "Penalty of recent tokens; 1 is none.",
      metadata: "penalty_repeat"),
    .init(
      "frequency_penalty", .float(\.frequencyPenalty, -100...100),
      "Penalty for each time a recent token occurs; 0 is none."),
    .init(
      "presence_penalty", .float(\.presencePenalty, -100...100),
      "Penalty of recent tokens, however often they occur; 0 is none."),
    .init(
      "repeat_window", .integer(\.repeatWindow, tokens), "How many recent tokens the penalties look at.",
      metadata: "penalty_last_n"),
    .init(
      "dry_multiplier", .float(\.dryMultiplier, 0...100),
      "Strength of DRY, which makes repetitions less likely the longer they are; 0 is off."),
    .init(
      "dry_base", .float(\.dryBase, 1...100), "By what DRY grows with each token of a repetition."),
    .init(
      "dry_allowed_length", .integer(\.dryAllowedLength, tokens),
      "Length up to which DRY lets repetitions pass."),
    .init(
      "dry_window", .integer(\.dryWindow, tokens), "How many recent tokens DRY looks at."),
    .init(
      "dry_breakers", .texts(\.dryBreakers),
      "Texts that end a repetition for DRY, between commas; \\n \\t \\, \\\\ are understood."),
    .init(
      "mirostat", .integer(\.mirostat, 0...2),
      "1 or 2: mirostat of this version instead of all steps but bias and temperature.", metadata: "mirostat"),
    .init(
      "mirostat_tau", .float(\.mirostatTau, 0...100), "Surprise that mirostat aims at, in bits.",
      metadata: "mirostat_tau"),
    .init(
      "mirostat_eta", .float(\.mirostatEta, 0...1), "How fast mirostat corrects itself.",
      metadata: "mirostat_eta"),
    .init(
      "logit_bias", .biases(\.logitBias),
      "What to add to the logits of tokens, such as 15043+1,257-0.5,11-inf."),
    .init(
      "seed", .seed(\.seed), "Seed of the random numbers; the same seed gives the same answer."),
    .init(
      "max_tokens", .integer(\.maximumTokens, tokens), "Tokens of an answer at most; 0 sets no bound."),
    .init(
      "loop_guard", .integer(\.loopGuard, tokens),
      "Tokens of an exact repetition that stop an answer; 0 never does."),
    .init(
      "draft", .integer(\.draft, 0...SamplingOptions.mostGuesses),
      "Tokens guessed to follow and read at once, at most, which answers faster and never otherwise; 0 guesses none."
    ),
    .init(
      "think", .think(\.think), "Whether the model thinks before it answers, and how much."),
    .init(
      "think_budget", .count(\.thinkBudget, tokens),
      "Tokens of a thought at most, which is then closed; 0 for no thought."),
  ]

  /// What the keys of variables of the chat template begin with: `template.NAME`.
  public static let variablePrefix = "template."

  /// The option of a variable of the chat template.
  public static func variable(_ name: String) -> SamplingOption {
    SamplingOption(variablePrefix + name, .variable(name), "The variable “\(name)” of the chat template.")
  }

  /// The option of a key; throws with all keys where there is none.
  public static func named(_ key: String) throws(SettingError) -> SamplingOption {
    if key.hasPrefix(variablePrefix) {
      let name = String(key.dropFirst(variablePrefix.count))
      guard name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]{0,63}/) != nil else {
        throw SettingError(
          "\(key): a variable's name has letters, digits and _ and begins with none of the digits")
      }
      return variable(name)
    }
    guard let option = all.first(where: { $0.key == key }) else {
      throw SettingError("unknown option “\(key)”: use one of \(all.map(\.key).joined(separator: ", "))")
    }
    return option
  }

  /// The allowed values, for messages and help.
  public var range: String {
    switch kind {
    case .float(_, let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .integer(_, let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .seed: "a whole number from 0, or none"
    case .count(_, let range): "a whole number from \(range.lowerBound) to \(range.upperBound), or none"
    case .think: "\(Think.allCases.map(\.rawValue).joined(separator: ", ")), or none"
    case .variable: "true, a number, other JSON or a text, or none"
    case .biases: "a list of token ids with what to add, such as 15043+1,257-0.5,11-inf, or none"
    case .texts:
      "a list of texts, such as \\n,:,\\,,\" with \\n \\t \\, \\\\ for what they stand for, or none"
    }
  }

  /// The value in `options` as text, as ``set(_:in:)`` reads it.
  public func text(in options: SamplingOptions) -> String {
    switch kind {
    case .float(let path, _): "\(options[keyPath: path])"
    case .integer(let path, _): "\(options[keyPath: path])"
    case .seed(let path): options[keyPath: path].map { "\($0)" } ?? "none"
    case .count(let path, _): options[keyPath: path].map { "\($0)" } ?? "none"
    case .think(let path): options[keyPath: path]?.rawValue ?? "none"
    case .variable(let name): options.templateVariables[name] ?? "none"
    case .biases(let path): LogitBiases.text(options[keyPath: path])
    case .texts(let path): EscapedList.text(options[keyPath: path])
    }
  }

  /// Sets the value from text; throws for text that is no value of the option.
  public func set(_ text: String, in options: inout SamplingOptions) throws(SettingError) {
    switch kind {
    case .float(let path, let range):
      if let value = Float(text), range.contains(value) { return options[keyPath: path] = value }
    case .integer(let path, let range):
      if let value = Int(text), range.contains(value) { return options[keyPath: path] = value }
    case .seed(let path):
      if text == "none" { return options[keyPath: path] = nil }
      if let value = UInt64(text) { return options[keyPath: path] = value }
    case .count(let path, let range):
      if text == "none" { return options[keyPath: path] = nil }
      if let value = Int(text), range.contains(value) { return options[keyPath: path] = value }
    case .think(let path):
      if text == "none" { return options[keyPath: path] = nil }
      if let value = Think(rawValue: text) { return options[keyPath: path] = value }
    case .variable(let name):
      return options.templateVariables[name] = text == "none" ? nil : text
    case .biases(let path):
      if let value = LogitBiases.parse(text) { return options[keyPath: path] = value }
    case .texts(let path):
      if let value = EscapedList.parse(text) { return options[keyPath: path] = value }
    }
    throw SettingError("\(key): “\(text)” is not \(range)")
  }

  /// Sets the value that a model file names, with the meaning it has for llama.cpp: a temperature below 0 is
  /// greedy as 0 is, a top-k below 1 keeps all, a top-p above 1 and a min-p below 0 are off, and a window of
  /// −1 is the whole context. What is out of range otherwise becomes the nearest that is not; what means
  /// nothing is let pass.
  func adopt(_ number: Double, in options: inout SamplingOptions) {
    guard !number.isNaN else { return }
    switch kind {
    case .float(let path, let range):
      options[keyPath: path] = min(max(Float(number), range.lowerBound), range.upperBound)
    case .integer(let path, let range):
      let whole = Int(min(max(number, -1e9), 1e9))
      if path == \.mirostat, !range.contains(whole) { return }
      options[keyPath: path] =
        path == \.repeatWindow && whole == -1
        ? range.upperBound : min(max(whole, range.lowerBound), range.upperBound)
    case .seed, .count, .think, .variable, .biases, .texts: break
    }
  }

  /// Gives `options` the value that `other` has.
  func copy(from other: SamplingOptions, to options: inout SamplingOptions) {
    switch kind {
    case .float(let path, _): options[keyPath: path] = other[keyPath: path]
    case .integer(let path, _): options[keyPath: path] = other[keyPath: path]
    case .seed(let path): options[keyPath: path] = other[keyPath: path]
    case .count(let path, _): options[keyPath: path] = other[keyPath: path]
    case .think(let path): options[keyPath: path] = other[keyPath: path]
    case .variable(let name): options.templateVariables[name] = other.templateVariables[name]
    case .biases(let path): options[keyPath: path] = other[keyPath: path]
    case .texts(let path): options[keyPath: path] = other[keyPath: path]
    }
  }
}

/// A setting that does not exist or a value that it does not take; one line.
public struct SettingError: Error, CustomStringConvertible, Hashable {
  public let description: String
  init(_ description: String) { self.description = description }
}

/// `15043+1,257-0.5,11-inf`: token ids, each with the bias of its logit.
private enum LogitBiases {
  static func parse(_ text: String) -> [Token: Float]? {
    if text == "none" { return [:] }
    var biases: [Token: Float] = [:]
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let item = item.drop { $0 == " " }
      let id = item.prefix { $0.isASCII && $0.isNumber }
      let sign = item.dropFirst(id.count).first
      guard let token = Token(id), sign == "+" || sign == "-",
        let bias = Float(item.dropFirst(id.count)), !bias.isNaN
      else { return nil }
      biases[token] = bias
    }
    return biases
  }

  static func text(_ biases: [Token: Float]) -> String {
    guard !biases.isEmpty else { return "none" }
    return biases.sorted { $0.key < $1.key }
      .map { "\($0)\($1.sign == .plus ? "+" : "")\($1)" }.joined(separator: ",")
  }
}

/// Texts between commas, with `\n`, `\t`, `\,` and `\\`.
private enum EscapedList {
  static func parse(_ text: String) -> [String]? {
    if text == "none" { return [] }
    var items = [""]
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case ",": items.append("")
      case "\\":
        switch rest.popFirst() {
        case "n": items[items.count - 1].append("\n")
        case "t": items[items.count - 1].append("\t")
        case ","?: items[items.count - 1].append(",")
        case "\\"?: items[items.count - 1].append("\\")
        default: return nil
        }
      default: items[items.count - 1].append(character)
      }
    }
    return items.contains("") ? nil : items
  }

  static func text(_ items: [String]) -> String {
    guard !items.isEmpty else { return "none" }
    return items.map {
      $0.replacing("\\", with: "\\\\").replacing(",", with: "\\,").replacing("\n", with: "\\n")
        .replacing("\t", with: "\\t")
    }.joined(separator: ",")
  }
}
