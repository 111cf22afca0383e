import Quantization
import Tokenization

/// How far a plan is from the same model with nothing dropped, with and without healing, on text that nothing
/// was fitted on.
public struct HealingEffect: Sendable, Hashable {
  /// KL(whole ‖ plan) in nats a token.
  public var unhealed: Double
  public var healed: Double

  public var helps: Bool { healed < unhealed }
}

extension HealingEffect {
  /// - Parameters:
  ///   - whole: Weights of the same widths, with nothing dropped.
  ///   - progress: Called with the fraction done; returns false to stop.
  /// - Throws: ``ContextError`` when there is no memory for the text; `CancellationError`.
  init(
    _ model: Model, whole: Weights, unhealed: Weights, healed: Weights, tokens: [Token], pool: ComputePool,
    kernels: Kernels, progress: (Double) -> Bool
  ) throws {
    let workspace = Workspace(model, capacity: tokens.count, workers: pool.threads)
    let cache = try KVCache(shape: model.shape, capacity: tokens.count)
    let transformers = [whole, unhealed, healed].map {
      Transformer(
        model, weights: $0, cache: cache, workspace: workspace, pool: pool, kernels: kernels.table)
    }
    let streams = try transformers.enumerated().map { index, transformer in
      try Self.streams(transformer, tokens) {
        progress(0.5 * (Double(index) + $0) / Double(transformers.count))
      }
    }
    var sums = [0.0, 0.0]
    for start in stride(from: 0, to: tokens.count, by: Workspace.logitRows) {
      let rows = start..<min(start + Workspace.logitRows, tokens.count)
      func logits(_ index: Int) -> [[Float]] {
        let width = model.shape.width
        streams[index].withUnsafeBufferPointer {
          workspace.stream.start.update(
            from: $0.baseAddress! + start * width, count: rows.count * width)
        }
        transformers[index].computeLogits(rows: 0..<rows.count)
        return (0..<rows.count).map { Array(transformers[index].logits(row: $0)) }
      }
      let expected = logits(0)
      for plan in 1...2 {
        for (expected, actual) in zip(expected, logits(plan)) {
          sums[plan - 1] += Self.divergence(expected, actual, kernels)
        }
      }
      guard progress(0.5 + 0.5 * Double(rows.upperBound) / Double(tokens.count)) else {
        throw CancellationError()
      }
    }
    self.unhealed = sums[0] / Double(tokens.count)
    self.healed = sums[1] / Double(tokens.count)
  }

  /// The streams after the last layer: [tokens][width].
  private static func streams(
    _ transformer: Transformer, _ tokens: [Token], progress: (Double) -> Bool
  ) throws -> [Float] {
    var streams: [Float] = []
    try transformer.read(tokens, progress: progress) { positions in
      streams += UnsafeBufferPointer(
        start: transformer.workspace.stream.start, count: positions.count * transformer.shape.width)
    }
    return streams
  }

  private static func divergence(
    _ expected: [Float], _ actual: [Float], _ kernels: Kernels
  ) -> Double {
    expected.withUnsafeBufferPointer { expected in
      actual.withUnsafeBufferPointer { actual in
        Divergence(
          baseline: LogDistribution(expected, kernels: kernels),
          plan: LogDistribution(actual, kernels: kernels)
        ).kl
      }
    }
  }
}
