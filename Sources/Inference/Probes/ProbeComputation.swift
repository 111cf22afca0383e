/// A probe's computation: its results so far, and the next slice of work.
protocol ProbeComputation {
  /// Drops the results of all but the first `count` tokens, since the others have changed.
  mutating func keep(first count: Int)
  /// Computes a slice, for a few milliseconds; returns whether there was anything left to do.
  mutating func advance(_ context: InferenceContext, focus: Int?) -> Bool
  func content(_ context: InferenceContext) -> ProbeReport.Content
  func fraction(_ context: InferenceContext) -> Double
}

extension Probe {
  func computation(_ context: InferenceContext) -> any ProbeComputation {
    switch self {
    case .streamSimilarity: StreamSimilarityComputation(context)
    case .lens: LensComputation(context, isBySublayer: false)
    case .sublayerLens: LensComputation(context, isBySublayer: true)
    case .attention(let layer, let head): AttentionComputation(context, layer: layer, head: head)
    case .heads: HeadsComputation(context)
    case .norms: NormsComputation(context)
    case .weights: WeightsComputation(context)
    }
  }
}

extension InferenceContext {
  /// The number of positions whose stream is kept, and is that of the current plan.
  var observablePositions: Int { min(tokens.count, validPositions, checkpoints?.positions ?? 0) }

  /// The results of `probe` for the tokens in the cache, computed to the end.
  ///
  /// - Throws: `CancellationError`.
  public func report(of probe: Probe, progress: ProgressCheck = { _ in true }) throws -> ProbeReport {
    try report(of: probe.computation(self), progress: progress)
  }

  /// The results of a computation, carried to its end.
  func report(of computation: any ProbeComputation, progress: ProgressCheck) throws -> ProbeReport {
    var computation = computation
    while computation.advance(self, focus: nil) {
      guard progress(computation.fraction(self)) else { throw CancellationError() }
    }
    return report(of: computation)
  }

  func report(of computation: any ProbeComputation) -> ProbeReport {
    ProbeReport(
      tokens: Array(labels.texts(of: tokens, model.tokenizer).prefix(observablePositions)),
      content: computation.content(self), fraction: computation.fraction(self))
  }
}
