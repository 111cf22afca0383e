import Inference
import Tokenization

/// The predictions of a reference, A, and of another plan, B, compared at each token of a text: an answer that
/// was given under either.
///
/// Both read the text in batches; the state of a context is a function of tokens and plan, so the figures are
/// those that decoding it would give.
public struct AnswerDivergence: Sendable, Hashable {
  /// The tokens before the text.
  public let prompt: [Token]
  /// The text.
  public let answer: [Token]
  /// The comparison at the position before each token, as far as it is made.
  public internal(set) var tokens: [TokenDivergence]

  /// Tokens that are compared in a piece: their logits are kept meanwhile.
  public static let block = 64

  /// Whether all tokens are compared.
  public var isWhole: Bool { tokens.count == answer.count }
  /// Mean KL(A ‖ B) in nats a token, of the tokens compared; nil of none.
  public var meanKL: Double? { mean(\.kl) }
  /// Mean Jensen–Shannon divergence in nats a token.
  public var meanJS: Double? { mean(\.js) }
  /// Share of positions where both have the same likeliest token; nil of none.
  public var sameTop: Double? { mean(\.divergence.sameTopShare) }

  /// The indices of the `count` tokens with the largest KL above 0, the worst first; what is no number is worse
  /// than anything.
  public func worst(_ count: Int) -> [Int] {
    func cost(_ index: Int) -> Double { tokens[index].kl.isNaN ? .infinity : tokens[index].kl }
    return Array(
      tokens.indices.filter { cost($0) > 0 }.sorted { (-cost($0), $0) < (-cost($1), $1) }.prefix(count))
  }

  private func mean(_ value: (TokenDivergence) -> Double) -> Double? {
    tokens.isEmpty ? nil : tokens.reduce(0) { $0 + value($1) } / Double(tokens.count)
  }
}

extension AnswerDivergence {
  /// Of a text of which nothing is compared yet.
  public init(of answer: [Token], after prompt: [Token]) {
    self.init(prompt: prompt, answer: answer, tokens: [])
  }

  /// Compares all tokens.
  ///
  /// - Parameters:
  ///   - context: B.
  ///   - reference: A: of the same model, or of one with the same vocabulary.
  /// - Throws: ``ContextError`` when `prompt` and `answer` do not fit either; `CancellationError`.
  public init(
    of answer: [Token], after prompt: [Token], under context: InferenceContext,
    against reference: InferenceContext, progress: ProgressCheck = { _ in true }
  ) throws {
    self.init(of: answer, after: prompt)
    while !isWhole {
      let (start, all) = (Double(tokens.count), Double(answer.count))
      let share = Double(min(Self.block, answer.count - tokens.count))
      try advance(under: context, against: reference) { progress((start + $0 * share) / all) }
    }
  }

  /// Compares the next ``block`` of tokens. What a context has read of them stays read when this is stopped.
  ///
  /// - Throws: as ``init(of:after:under:against:progress:)``; nothing is compared then.
  public mutating func advance(
    under context: InferenceContext, against reference: InferenceContext,
    progress: ProgressCheck = { _ in true }
  ) throws {
    let block = tokens.count..<min(tokens.count + Self.block, answer.count)
    guard !block.isEmpty else { return }
    guard !prompt.isEmpty else { throw ContextError.empty }
    // The logits that a token is drawn from are those after the token before it.
    let first = prompt.count - 1 + block.lowerBound
    let text = prompt + answer[..<(block.upperBound - 1)]
    let rows = LogitRows(count: block.count, vocabulary: reference.model.shape.vocabulary)
    let others =
      context === reference
      ? rows : LogitRows(count: block.count, vocabulary: context.model.shape.vocabulary)
    try reference.readAll(text, from: first, progress: { progress(0.45 * $0) }) { index, logits in
      rows.keep(logits, at: index - first)
    }
    if context !== reference {
      try context.readAll(text, from: first, progress: { progress(0.45 + 0.45 * $0) }) { index, logits in
        others.keep(logits, at: index - first)
      }
    }
    let results = Results(count: block.count)
    let ids = Array(answer[block])
    let (kernels, otherKernels) = (reference.kernels, context.kernels)
    // A few rows at a time, so that a large vocabulary keeps nobody waiting.
    for start in stride(from: 0, to: block.count, by: 8) {
      context.inParallel(min(8, block.count - start)) { offset in
        let index = start + offset
        results[index] = TokenDivergence(
          of: ids[index], LogDistribution(rows[index], kernels: kernels),
          LogDistribution(others[index], kernels: otherKernels))
      }
      guard progress(0.9 + 0.1 * Double(start + 8) / Double(block.count + 8)) else {
        throw CancellationError()
      }
    }
    tokens += results.all
  }
}

/// Two predictions of a token, compared.
public struct TokenDivergence: Sendable, Hashable {
  /// Between the distributions that the token may be drawn from.
  public var divergence: Divergence
  /// What A says of it, and B.
  public var first, second: Prediction

  /// A distribution as it looks at the token that follows.
  public struct Prediction: Sendable, Hashable {
    /// Log-probability of the token, in nats.
    public var logProbability: Float
    /// Its place among all tokens, the likeliest first, counted from 1; nil where there is no distribution.
    public var rank: Int?
    /// The likeliest token, and its log-probability.
    public var top: Token
    public var topLogProbability: Float
  }

  /// KL(A ‖ B) in nats; NaN where one of the two is no distribution.
  public var kl: Double { divergence.kl }
  /// Jensen–Shannon divergence in nats.
  public var js: Double { divergence.js }
  /// Whether both have the same likeliest token.
  public var sameTop: Bool { divergence.sameTop }
}

extension TokenDivergence {
  init(of token: Token, _ first: LogDistribution, _ second: LogDistribution) {
    self.init(
      divergence: Divergence(baseline: first, plan: second), first: Prediction(of: token, first),
      second: Prediction(of: token, second))
  }
}

extension TokenDivergence.Prediction {
  init(of token: Token, _ distribution: LogDistribution) {
    self.init(
      logProbability: distribution[token], rank: distribution.rank(of: token), top: distribution.likeliest,
      topLogProbability: distribution[distribution.likeliest])
  }
}

/// Logits of a few tokens [row][vocabulary].
private final class LogitRows: @unchecked Sendable {  // written by one thread, then read by many
  private let vocabulary: Int
  private let logits: UnsafeMutableBufferPointer<Float>

  init(count: Int, vocabulary: Int) {
    self.vocabulary = vocabulary
    logits = .allocate(capacity: count * vocabulary)
    logits.initialize(repeating: 0)
  }

  deinit { logits.deallocate() }

  func keep(_ source: UnsafeBufferPointer<Float>, at row: Int) {
    (logits.baseAddress! + row * vocabulary).update(from: source.baseAddress!, count: vocabulary)
  }

  subscript(row: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: logits.baseAddress! + row * vocabulary, count: vocabulary)
  }
}

/// Results that workers write side by side.
private final class Results: @unchecked Sendable {  // each index is written by one worker
  private let values: UnsafeMutableBufferPointer<TokenDivergence?>

  init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: nil)
  }

  deinit {
    values.deinitialize()
    values.deallocate()
  }

  subscript(index: Int) -> TokenDivergence? {
    get { values[index] }
    set { values[index] = newValue }
  }

  var all: [TokenDivergence] { values.compactMap { $0 } }
}
