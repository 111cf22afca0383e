import Tokenization

extension InferenceContext {
  /// The costs of the plan.
  ///
  /// - Parameter seconds: The time that the change of plan took, which the caller measures.
  public func figures(seconds: Double = 0) -> PlanFigures {
    PlanFigures(
      plan: plan, bitsPerWeight: weights.bitsPerWeight() ?? 0,
      layerBitsPerWeight: (0..<model.shape.layers).map { weights.bitsPerWeight(layer: $0) },
      weightBytesPerToken: weights.bytesPerToken,
      kvBytesPerPosition: model.kvBytesPerPosition(plan),
      baselineWeightBytesPerToken: baselineBytesPerToken, seconds: seconds, healing: healing,
      warnings: warnings)
  }

  /// Multiply-adds with weights for one token of a prompt, without the output head, which only the last token
  /// needs.
  public var multiplyAddsPerPromptToken: Int { weights.weightCount { $0.role != .head } }

  /// Bytes of the KV cache in use.
  public var kvBytes: Int { model.kvBytesPerPosition(plan) * tokens.count }

  /// Similarity of every sublayer for the tokens in the cache; nil when it is not recorded.
  public func similarity() -> SimilarityReport? {
    guard let log else { return nil }
    let positions = 0..<tokens.count
    return SimilarityReport(
      tokens: labels.texts(of: tokens, model.tokenizer),
      attention: log.values(.attention, positions: positions), mlp: log.values(.mlp, positions: positions),
      block: log.values(.block, positions: positions))
  }

  /// The model and the settings of the context, for display.
  public var summary: ModelSummary {
    var summary = ModelSummary(
      name: model.name, path: model.file.path, architecture: model.architecture.name,
      fileType: model.fileType, layers: model.shape.layers, heads: model.headCounts,
      parameters: model.parameterCount,
      context: capacity, threads: pool.threads, kernels: kernels.name,
      sampling: model.sampling, template: model.chatFormat.source,
      thinking: model.chatFormat.thinking, isTernary: model.isTernary,
      nativeActivationBits: model.nativeActivationBits)
    summary.spelling = TokenSpelling(model.tokenizer)
    return summary
  }
}
