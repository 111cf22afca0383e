import Quantization
import Tokenization

/// Log-probabilities of one token after a text from which stretches are left out, each alone.
///
/// What comes before a stretch is read once; the rest is computed truly, at the positions that it then has.
/// Shares the threads and the weights of a context, as they are when it is made, and leaves the context alone.
public final class Omissions {
  /// The text.
  public let tokens: [Token]
  /// The token that follows it.
  public let target: Token
  private let context: InferenceContext
  private let transformer: Transformer
  /// The first positions of the cache that hold the text's own tokens.
  private var validPositions = 0

  /// - Throws: ``ContextError`` when there is no memory for the text.
  public init(_ tokens: [Token], before target: Token, in context: InferenceContext) throws {
    self.tokens = tokens
    self.target = target
    self.context = context
    let cache = try KVCache(
      shape: context.model.shape, capacity: max(1, tokens.count), bits: context.model.kvBits(context.plan))
    transformer = Transformer(
      context.model, weights: context.weights, cache: cache,
      workspace: Workspace(context.model, capacity: cache.capacity, workers: context.pool.threads),
      pool: context.pool, kernels: context.kernels.table)
  }

  /// The plan of the weights.
  public var plan: Plan { transformer.weights.plan }

  /// The log-probability of the token in nats, after the text without `omitted`.
  ///
  /// - Parameter omitted: Leaves something of the text; an empty range for all of it.
  /// - Throws: `CancellationError`.
  public func logProbability(
    without omitted: Range<Int>, isStopped: Trials.StopCheck = { false }
  ) throws -> Float {
    precondition(omitted.count < tokens.count)
    let start = omitted.isEmpty ? tokens.count : omitted.lowerBound
    if validPositions < start {
      try read(tokens[validPositions..<start], at: validPositions, isStopped)
    }
    validPositions = start
    let rest = omitted.isEmpty ? [] : tokens[omitted.upperBound...]
    if rest.isEmpty {
      // Logits come of a pass: the last token is read again, to the same keys and values.
      try read(tokens[start - 1..<start], at: start - 1, isStopped)
    } else {
      try read(rest, at: start, isStopped)
    }
    return LogDistribution(transformer.logits(row: 0), kernels: context.kernels)[target]
  }

  /// Reads tokens at the positions from `position` on, and computes the logits after the last.
  private func read(_ tokens: ArraySlice<Token>, at position: Int, _ isStopped: Trials.StopCheck) throws {
    try tokens.withUnsafeBufferPointer { buffer in
      for start in stride(from: 0, to: tokens.count, by: Workspace.batch) {
        let count = min(Workspace.batch, tokens.count - start)
        let batch = Batch(
          start: .tokens(buffer.baseAddress! + start), count: count, position: position + start)
        try transformer.run(batch) { _ in !isStopped() }
        try context.model.file.checkMapping()
        if start + count == tokens.count { transformer.computeLogits(rows: count - 1..<count) }
      }
    }
  }
}
