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
  private var recorder: DrawRecorder

  /// - Parameters:
  ///   - suppressed: Tokens that are never drawn.
  ///   - keeps: The number of candidates that ``lastDraw`` has; it has no say in what is drawn.
  ///   - piece: The bytes of a token, in which DRY looks for sequence breakers.
  public init(
    _ options: SamplingOptions, suppressed: Set<Token> = [], keeps: Int = TokenDraw.standardCount,
    piece: @escaping (Token) -> [UInt8] = { _ in [] }
  ) {
    recorder = DrawRecorder(count: keeps)
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
    recorder.begin(distribution)
    let token: Token
    if options.adjustsLogits || !suppressed.isEmpty {
      recorder.takeCandidates(distribution)
      adjust(distribution.logits, recent)
      var adjusted: [Float] = []
      swap(&adjusted, &self.adjusted)
      token = adjusted.withUnsafeBufferPointer { draw($0, distribution) }
      swap(&adjusted, &self.adjusted)
    } else if !options.isGreedy {
      token = draw(distribution.logits, distribution)
    } else {
      token = distribution.likeliest
      recorder.takeCandidates(distribution)
      recorder.end(
        token, probability: 1, logit: distribution.logits[Int(token)], temperature: 0, distribution)
    }
    return (token, distribution[token])
  }

  /// Takes a token without a draw, so that chance goes on as if it had not come.
  mutating func force(_ token: Token, _ distribution: LogDistribution) {
    recorder.force(token, distribution)
  }

  /// How the last token was drawn.
  public var lastDraw: TokenDraw { recorder.draw }

  /// Copies the logits and runs the steps that change some of them.
  private mutating func adjust(_ original: UnsafeBufferPointer<Float>, _ recent: ArraySlice<Token>) {
    adjusted.removeAll(keepingCapacity: true)
    adjusted.append(contentsOf: original)
    adjusted.withUnsafeMutableBufferPointer { logits in
      for token in suppressed where logits.indices.contains(Int(token)) { logits[Int(token)] = -.infinity }
      let now = UnsafeBufferPointer(logits)
      if !suppressed.isEmpty { recorder.adjust(.bias, suppressed, now, original: original) }
      for (token, bias) in options.logitBias where logits.indices.contains(Int(token)) {
        logits[Int(token)] += bias
      }
      if !options.logitBias.isEmpty {
        recorder.adjust(.bias, options.logitBias.keys, now, original: original)
      }
      if options.usesPenalties {
        penalties.apply(to: logits, recent: recent)
        recorder.adjust(.penalties, penalties.counted, now, original: original)
      }
      if options.usesDRY {
        dry.apply(to: logits, recent: recent)
        recorder.adjust(.dry, dry.repeated, now, original: original)
      }
    }
  }

  /// Draws a token from logits [vocabulary]; without one that is a number, no token is better than another.
  ///
  /// - Parameter distribution: Before the steps that change logits.
  private mutating func draw(
    _ logits: UnsafeBufferPointer<Float>, _ distribution: LogDistribution
  ) -> Token {
    let drawn =
      options.usesMirostat ? drawByMirostat(logits, distribution) : drawByTruncation(logits, distribution)
    let token = drawn?.token ?? distribution.likeliest
    recorder.end(
      token, probability: drawn?.probability ?? 1, logit: logits[Int(token)],
      temperature: options.temperature, distribution)
    return token
  }

  private mutating func drawByMirostat(
    _ logits: UnsafeBufferPointer<Float>, _ distribution: LogDistribution
  ) -> (token: Token, probability: Double)? {
    recorder.takeCandidates(distribution)
    let token = mirostat.draw(&candidates, of: logits, &random)
    recorder.cut(.mirostat, candidates)
    return token.map { ($0, mirostat.probability) }
  }

  private mutating func drawByTruncation(
    _ logits: UnsafeBufferPointer<Float>, _ distribution: LogDistribution
  ) -> (token: Token, probability: Double)? {
    let least = options.minKeep
    let floor = Candidates.sigmaFloor(logits, options.topNSigma)
    candidates.select(
      top: options.topK > 0 ? options.topK : logits.count, of: logits, atLeast: floor)
    recorder.takeCandidates(distribution, from: candidates)
    guard candidates.count > 0 else { return nil }
    recorder.cut(.topNSigma, below: floor, logits)
    recorder.cut(.topK, candidates)
    candidates.keepTypical(options.typicalP, least: least)
    recorder.cut(.typicalP, candidates)
    candidates.keepTopP(options.topP, least: least)
    recorder.cut(.topP, candidates)
    candidates.keepMinP(options.minP, least: least)
    recorder.cut(.minP, candidates)
    candidates.excludeTopChoices(
      probability: options.xtcProbability, threshold: options.xtcThreshold, least: least, &random)
    recorder.cut(.xtc, candidates)
    return candidates.draw(temperature: options.temperature, &random)
  }
}
