/// A probe's work: what is computed so far, and how to go on.
protocol Observation {
  /// Only the first `count` tokens still are what they were.
  mutating func keep(first count: Int)
  /// Computes a little more, for a few milliseconds; returns whether there was anything left to do.
  mutating func advance(_ context: InferenceContext, focus: Int?) -> Bool
  func content(_ context: InferenceContext) -> ProbeReport.Content
  func fraction(_ context: InferenceContext) -> Double
}

extension Probe {
  func observation(_ context: InferenceContext) -> any Observation {
    switch self {
    case .streamSimilarity: StreamSimilarityObservation(context)
    case .lens: LensObservation(context)
    case .attention(let layer, let head): AttentionObservation(context, layer: layer, head: head)
    case .heads: HeadsObservation(context)
    case .norms: NormsObservation(context)
    case .weights: WeightsObservation(context)
    }
  }
}

extension InferenceContext {
  /// Positions whose stream is kept, and is that of the current plan.
  var observablePositions: Int { min(validPositions, checkpoints?.positions ?? 0) }

  /// What `probe` says of the tokens in the cache, computed at once.
  ///
  /// - Throws: `CancellationError`.
  public func report(of probe: Probe, progress: Progress = { _ in true }) throws -> ProbeReport {
    var observation = probe.observation(self)
    while observation.advance(self, focus: nil) {
      guard progress(observation.fraction(self)) else { throw CancellationError() }
    }
    return report(of: observation)
  }

  func report(of observation: any Observation) -> ProbeReport {
    ProbeReport(
      tokens: Array(labels.texts(of: tokens, model.tokenizer).prefix(observablePositions)),
      content: observation.content(self), fraction: observation.fraction(self))
  }
}
