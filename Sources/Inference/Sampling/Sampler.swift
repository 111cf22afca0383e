import CKernels
import Quantization
import Tokenization

/// The sampling chain: bias → penalties → DRY → top-n-sigma → top-k → typical → top-p → min-p → XTC →
/// temperature → draw; or bias → temperature → mirostat. Suppressed tokens have a bias of −∞.
///
/// The chain and its defaults are llama.cpp's. With the same seed it draws the same tokens on every machine:
/// the logits are the same bits everywhere, and so is all arithmetic here (``PortableMath``). A step that is
/// off costs nothing.
public struct Sampler {
  /// The options of the chain.
  public let options: SamplingOptions
  /// Tokens that are never drawn. Probabilities that are shown count them, as in llama.cpp.
  private let suppressed: Set<Token>
  private var random: SplitMix64
  private var penalties: Penalties
  private var dry: DRY
  private var mirostat: Mirostat
  private(set) var candidates = Candidates()
  /// Room for logits that a step changes [vocabulary].
  private var adjusted: [Float] = []

  /// - Parameters:
  ///   - suppressed: Tokens that are never drawn.
  ///   - piece: The bytes of a token, in which DRY looks for sequence breakers.
  public init(
    _ options: SamplingOptions, suppressed: Set<Token> = [], piece: @escaping (Token) -> [UInt8] = { _ in [] }
  ) {
    self.options = options
    self.suppressed = suppressed
    random = SplitMix64(state: options.seed ?? UInt64.random(in: .min ... .max))
    penalties = Penalties(options)
    dry = DRY(options, piece: piece)
    mirostat = Mirostat(options)
  }

  /// The next token after `recent`, and its log-probability in nats before any step of the chain.
  public mutating func next(
    _ distribution: LogDistribution, recent: ArraySlice<Token>
  ) -> (token: Token, logProbability: Float) {
    let logits = distribution.logits
    var token: Token? = distribution.likeliest
    if options.adjustsLogits || !suppressed.isEmpty {
      adjust(logits, recent)
      var adjusted: [Float] = []
      swap(&adjusted, &self.adjusted)
      token = adjusted.withUnsafeBufferPointer { draw($0) }
      swap(&adjusted, &self.adjusted)
    } else if !options.isGreedy {
      token = draw(logits)
    }
    // Without a logit that is a number, no token is better than another.
    let drawn = token ?? distribution.likeliest
    return (drawn, distribution[drawn])
  }

  /// Copies the logits and runs the steps that change some of them.
  private mutating func adjust(_ logits: UnsafeBufferPointer<Float>, _ recent: ArraySlice<Token>) {
    adjusted.removeAll(keepingCapacity: true)
    adjusted.append(contentsOf: logits)
    adjusted.withUnsafeMutableBufferPointer { logits in
      for token in suppressed where logits.indices.contains(Int(token)) { logits[Int(token)] = -.infinity }
      for (token, bias) in options.logitBias where logits.indices.contains(Int(token)) {
        logits[Int(token)] += bias
      }
      if options.usesPenalties { penalties.apply(to: logits, recent: recent) }
      if options.usesDRY { dry.apply(to: logits, recent: recent) }
    }
  }

  /// Draws a token; nil when no logit is a number.
  private mutating func draw(_ logits: UnsafeBufferPointer<Float>) -> Token? {
    if options.usesMirostat { return mirostat.draw(&candidates, of: logits, &random) }
    let least = options.minKeep
    candidates.select(
      top: options.topK > 0 ? options.topK : logits.count, of: logits,
      atLeast: Candidates.sigmaFloor(logits, options.topNSigma))
    guard candidates.count > 0 else { return nil }
    candidates.keepTypical(options.typicalP, least: least)
    candidates.keepTopP(options.topP, least: least)
    candidates.keepMinP(options.minP, least: least)
    candidates.excludeTopChoices(
      probability: options.xtcProbability, threshold: options.xtcThreshold, least: least, &random)
    return candidates.draw(temperature: options.temperature, &random).token
  }
}
