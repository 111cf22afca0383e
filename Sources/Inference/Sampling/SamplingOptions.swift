import Tokenization

/// Options of drawing the next token from the logits. Defaults are llama.cpp's.
///
/// The steps run in this order; see ``Sampler``. ``SamplingOption`` has the ranges for users.
public struct SamplingOptions: Sendable, Hashable {
  /// Added to the logits of these tokens; −∞ forbids one.
  public var logitBias: [Token: Float] = [:]

  /// Divides positive and multiplies negative logits of recent tokens; 1 does nothing.
  public var repeatPenalty: Float = 1
  /// Taken from a recent token's logit for each time it occurs.
  public var frequencyPenalty: Float = 0
  /// Taken from a recent token's logit once.
  public var presencePenalty: Float = 0
  /// The number of recent tokens that the three penalties see.
  public var repeatWindow = 64

  /// DRY takes multiplier · base ^ (length − allowed length) from the logit of a token that would go on a
  /// repetition of at least the allowed length; a multiplier of 0 turns it off.
  public var dryMultiplier: Float = 0
  public var dryBase: Float = 1.75
  public var dryAllowedLength = 2
  /// The number of recent tokens that DRY sees.
  public var dryWindow = 64
  /// Texts that end a repetition: none reaches across them.
  public var dryBreakers = ["\n", ":", "\"", "*"]

  /// Keep tokens whose logit is within n standard deviations of the highest; 0 keeps all.
  public var topNSigma: Float = 0
  /// Keep the k likeliest; 0 keeps all.
  public var topK = 40
  /// Keep the tokens whose surprise is nearest the entropy, until their probability exceeds this; 1 keeps
  /// all.
  public var typicalP: Float = 1
  /// Keep the likeliest until their probability reaches this; 1 keeps all.
  public var topP: Float = 0.95
  /// Keep those at least this likely relative to the likeliest; 0 keeps all.
  public var minP: Float = 0.05
  /// The probability that XTC excludes the top choices: all of at least the threshold's probability but the
  /// last of them.
  public var xtcProbability: Float = 0
  /// Above 0.5 there is never more than one top choice, so that XTC is off.
  public var xtcThreshold: Float = 0.1
  /// The number of tokens that typical, top-p, min-p and XTC keep at least.
  public var minKeep = 0
  /// 0 takes the likeliest token that is left.
  public var temperature: Float = 0.8

  /// 1 or 2: this version of mirostat takes the place of all steps but bias and temperature; 0 is off.
  public var mirostat = 0
  /// The target surprise of mirostat, in bits.
  public var mirostatTau: Float = 5
  /// The learning rate of mirostat's bound.
  public var mirostatEta: Float = 0.1

  /// The seed of the random generator; nil for a fresh one for each answer.
  public var seed: UInt64?

  /// The most tokens of an answer; 0 for no bound.
  public var maximumTokens = 0
  /// The length of an exact repetition, in tokens, that ends an answer; 0 lets it go on.
  public var loopGuard = 0

  /// Whether the model shall think; nil leaves it to the template.
  public var think: Think?
  /// The most tokens of a thought, which is then closed; nil for no bound.
  public var thinkBudget: Int?
  /// Variables for the chat template by name, as people write them.
  public var templateVariables: [String: String] = [:]
  public init() {}

  /// The options of answers for people, where neither they nor the model's file chose others: those above, and a
  /// loop guard. Texts that repeat on purpose stay below it: a chorus, the rows of a table, a board of zeros (8 × 8
  /// take 216 tokens).
  public static let standard = {
    var options = SamplingOptions()
    options.loopGuard = 320
    return options
  }()
}

extension SamplingOptions {
  /// Whether mirostat is in use; at temperature 0 nothing is random, so it is not.
  var usesMirostat: Bool { mirostat != 0 && temperature > 0 }

  var usesPenalties: Bool {
    !usesMirostat && (repeatPenalty != 1 || frequencyPenalty != 0 || presencePenalty != 0)
      && repeatWindow > 0
  }

  var usesDRY: Bool { !usesMirostat && dryMultiplier != 0 && dryBase >= 1 && dryWindow > 0 }

  /// Whether a step changes logits, rather than leave tokens out.
  var adjustsLogits: Bool { !logitBias.isEmpty || usesPenalties || usesDRY }

  /// Whether the highest logit of the model is the answer, whatever else is set.
  var isGreedy: Bool {
    !(temperature > 0) && !adjustsLogits && typicalP >= 1 && xtcProbability <= 0
  }

  /// The number of recent tokens that any step sees, bounded for memory.
  var window: Int {
    min(max(usesPenalties ? repeatWindow : 0, usesDRY ? dryWindow : 0), 1 << 24)
  }
}
