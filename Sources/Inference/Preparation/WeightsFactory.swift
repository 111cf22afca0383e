import Quantization

/// Makes the weights of plans: packs them, measures what narrow ones need, fits what heals.
final class WeightsFactory {
  private let model: Model
  private let pool: ComputePool
  private let kernels: Kernels
  /// Measured when it is first needed.
  private var importance: Importance?
  /// nil keeps no more than the weights in use.
  private var library: MatrixLibrary?
  /// The file's own weights, where they lie packed on the disk.
  let cached: CachedWeights?

  init(_ model: Model, pool: ComputePool, kernels: Kernels, cached: CachedWeights?) {
    self.model = model
    self.pool = pool
    self.kernels = kernels
    self.cached = cached
  }

  /// One that packs each matrix once, whatever plans come and go, beginning with those of `weights`.
  func keepingMatrices(of weights: Weights) -> WeightsFactory {
    if let library {
      library.add(weights)
      return self
    }
    let factory = WeightsFactory(model, pool: pool, kernels: kernels, cached: cached)
    factory.importance = importance
    factory.library = MatrixLibrary()
    factory.library?.add(weights)
    return factory
  }

  /// - Parameter previous: Weights to share matrices with.
  /// - Throws: `MemoryError`, ``ContextError``, `CancellationError`.
  func weights(
    for plan: Plan, reusing previous: Weights?, progress: @escaping ProgressCheck
  ) throws -> (weights: Weights, healing: HealingEffect?) {
    let made = try make(plan, reusing: previous, progress)
    try model.file.checkMapping()
    return made
  }

  private func make(
    _ plan: Plan, reusing previous: Weights?, _ progress: @escaping ProgressCheck
  ) throws -> (weights: Weights, healing: HealingEffect?) {
    defer { model.file.release() }
    let start = try measureImportance(for: plan, reusing: previous, progress)
    guard plan.heals else { return (try pack(plan, reusing: previous, part(start..<1, of: progress)), nil) }
    let weights = try pack(plan, reusing: previous, part(start..<start + 0.1, of: progress))
    var wholePlan = plan
    wholePlan.drop = Plan.Drop()
    let whole = try pack(wholePlan, reusing: weights, part(start + 0.1..<start + 0.2, of: progress))
    let fitted = CalibrationText.fitted(model), unseen = CalibrationText.unseen(model)
    guard fitted.count >= HealingFit.leastTokens, !unseen.isEmpty else {
      throw CalibrationText.TooShort(tokens: fitted.count)
    }
    let fit = try HealingFit(
      model, plan: plan, weights: weights, whole: whole, tokens: fitted, pool: pool, kernels: kernels)
    let maps = try fit.run(progress: part(start + 0.2..<0.8, of: progress))
    let healed = try pack(plan, maps: maps, reusing: weights, part(0.8..<0.85, of: progress))
    let effect = try HealingEffect(
      model, whole: whole, unhealed: weights, healed: healed, tokens: unseen,
      pool: pool, kernels: kernels, progress: part(0.85..<1, of: progress))
    return (healed, effect)
  }

  private func pack(
    _ plan: Plan, maps: FittedMaps = [:], reusing previous: Weights?, _ progress: @escaping ProgressCheck
  ) throws -> Weights {
    let weights = try Weights(
      model, plan: plan, maps: maps, importance: plan.rotate ? nil : importance, reusing: previous,
      library: library, cached: cached, pool: pool, kernels: kernels, progress: progress)
    library?.add(weights)
    return weights
  }

  /// Maps the fractions of one step to its part of the whole.
  private func part(_ part: Range<Double>, of progress: @escaping ProgressCheck) -> ProgressCheck {
    { progress(part.lowerBound + (part.upperBound - part.lowerBound) * $0) }
  }

  /// Measures activations, if the plan has widths at which they tell what matters and they are not known yet.
  ///
  /// - Returns: The fraction of the work that this was.
  private func measureImportance(
    for plan: Plan, reusing previous: Weights?, _ progress: @escaping ProgressCheck
  ) throws -> Double {
    // A rotation mixes the columns, and with them what they are worth.
    guard importance == nil, !plan.rotate, plan.isNarrow(layers: model.shape.layers) else { return 0 }
    let baseline = try pack(.baseline, reusing: previous, part(0..<0.1, of: progress))
    let tokens = CalibrationText.sampled(model)
    guard !tokens.isEmpty else { return 0.1 }  // then all errors count alike
    let measured = Importance(model.shape)
    let workspace = Workspace(model, capacity: tokens.count, workers: pool.threads)
    let transformer = Transformer(
      model, weights: baseline, cache: try KVCache(shape: model.shape, capacity: tokens.count),
      workspace: workspace, recorder: Recorder(importance: measured), pool: pool, kernels: kernels.table)
    let share = 0.5
    try transformer.read(tokens, progress: part(0.1..<share, of: progress)) { positions in
      transformer.recordHeadInput(rows: 0..<positions.count)
    }
    importance = measured
    return share
  }
}
