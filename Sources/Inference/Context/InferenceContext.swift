import CKernels
import Foundation
import Quantization
import Tokenization

/// A model under a plan, and the tokens it has read.
///
/// Its results are a function of (tokens, plan) alone. A change recomputes only what it invalidates: the
/// common prefix of the tokens stays, and the layers below the lowest that the plan changes.
public final class InferenceContext {
  /// The model.
  public let model: Model
  /// The SIMD kernels in use.
  public let kernels: Kernels
  /// Positions the KV cache holds.
  public let capacity: Int
  /// The plan in use.
  public private(set) var plan: Plan
  /// The text: the tokens that were read.
  public internal(set) var tokens: [Token] = []
  /// Tokens in the cache after the text: those of another text that began as this one, or guesses that were
  /// read ahead. A text that goes on with them need not read them again.
  var tail: ArraySlice<Token> = []
  /// The positions after which ``Workspace/guesses`` has the logits.
  var guessed = 0..<0
  /// The number of tokens in the cache that are valid in all layers under `plan`; the others are valid below
  /// `validLayers`.
  var validPositions = 0
  var validLayers: Int
  /// The positions below are prefaulted: their pages are mapped.
  var prefaultedPositions = 0
  /// The positions below were read at some time, so that something may be recorded of them.
  var recordedPositions = 0
  /// Whether similarities are recorded as tokens are read.
  public var recordsSimilarity: Bool { log != nil }

  /// The effect of the plan's healing; nil when it heals nothing.
  public private(set) var healing: HealingEffect?

  /// What ``memoryNeed`` depends on besides.
  private let conditions: RunConditions
  /// Bytes of the contexts beside this one.
  private let otherBytes: Int
  /// The context whose threads and matrices this one shares, beside which it was made.
  private let owner: InferenceContext?
  let pool: ComputePool
  let factory: WeightsFactory
  /// The model under `plan`.
  var transformer: Transformer
  var labels = TokenLabels()
  let baselineBytesPerToken: Int
  /// Where packed weights are looked for; nil for nowhere.
  public let weightCache: WeightCache?

  /// Packs the weights and reserves the cache.
  ///
  /// - Parameters:
  ///   - threads: Compute threads; nil for one for each physical core.
  ///   - context: Positions of the KV cache; nil for ``Model/standardContext(_:_:limit:)``.
  ///   - others: Contexts that stay in memory beside this one.
  ///   - weightCache: Where the file's weights may lie packed; see ``cacheWriter()``.
  ///   - recordsSimilarity: Whether similarities are recorded for ``similarity()``.
  ///   - keepsStream: Whether the stream before every layer is kept, so that a change of plan recomputes only
  ///     the layers above it, at the cost of memory.
  /// - Throws: ``PlanError`` when the plan does not fit the model; ``ContextError`` when `context` positions
  ///   do not fit the machine's memory; `CancellationError`.
  public convenience init(
    _ model: Model, plan: Plan = .baseline, threads: Int? = nil, context: Int? = nil,
    kernels: Kernels = .best, weightCache: WeightCache? = nil, recordsSimilarity: Bool = false,
    keepsStream: Bool = false, beside others: [InferenceContext] = [],
    progress: @escaping ProgressCheck = { _ in true }
  ) throws {
    try self.init(
      model, plan: plan, threads: threads, context: context, kernels: kernels, weightCache: weightCache,
      recordsSimilarity: recordsSimilarity, keepsStream: keepsStream, sharing: nil,
      otherBytes: others.reduce(0) { $0.addingSaturated($1.memoryNeed.total) }, progress: progress)
  }

  /// A context of the same model beside another, on the same threads. It packs only those matrices that the
  /// other has not in the same form, so that a plan that differs in little is there at once.
  ///
  /// - Parameter context: Positions of the KV cache.
  /// - Throws: ``PlanError``, ``ContextError`` as other contexts do; `MemoryError`; `CancellationError`.
  public convenience init(
    beside other: InferenceContext, plan: Plan, context: Int,
    progress: @escaping ProgressCheck = { _ in true }
  ) throws {
    // Which factors LongRoPE takes depends on the capacity: what was answered is computed with the same.
    let isLong = other.capacity > other.model.shape.ropeScaling.originalContext
    let isShort = context <= other.model.shape.ropeScaling.originalContext
    let shared = other.model.sharedWeightBytes(other.plan, plan)
    try self.init(
      other.model, plan: plan, threads: other.pool.threads,
      context: isLong && isShort ? other.capacity : context, kernels: other.kernels,
      weightCache: other.weightCache, recordsSimilarity: false, keepsStream: false, sharing: other,
      otherBytes: other.otherBytes.addingSaturated(other.memoryNeed.total) - shared, progress: progress)
  }

  private init(
    _ model: Model, plan: Plan, threads: Int?, context: Int?, kernels: Kernels, weightCache: WeightCache?,
    recordsSimilarity: Bool, keepsStream: Bool, sharing owner: InferenceContext?, otherBytes: Int,
    progress: @escaping ProgressCheck
  ) throws {
    try plan.validate(for: model)
    self.owner = owner
    self.otherBytes = otherBytes
    self.model = model
    self.plan = plan
    self.kernels = kernels
    self.weightCache = weightCache
    pare_trim_heap()  // what reading the vocabulary took for a moment does not stay beside the weights
    let threads = max(1, threads ?? ComputePool.defaultThreads)
    conditions = RunConditions(
      threads: threads, recordsSimilarity: recordsSimilarity, keepsStream: keepsStream)
    let need = try model.checkedNeed(plan, asked: context, conditions, others: otherBytes)
    capacity = max(16, need.positions).roundedUp(to: 16)
    let pool = owner?.pool ?? ComputePool(threads: threads)
    self.pool = pool
    do {
      let cache = try KVCache(shape: model.shape, capacity: capacity, bits: model.kvBits(plan))
      let workspace = Workspace(model, capacity: capacity, workers: pool.threads)
      factory =
        owner.map { $0.factory.keepingMatrices(of: $0.weights) }
        ?? WeightsFactory(model, pool: pool, kernels: kernels, cached: weightCache?.weights(of: model))
      let made =
        if let owner, owner.plan == plan { (weights: owner.weights, healing: owner.healing) } else {
          try factory.weights(for: plan, reusing: owner?.weights, progress: progress)
        }
      healing = made.healing
      let recorder = Recorder(
        similarity: recordsSimilarity
          ? SimilarityLog(layers: model.shape.layers, capacity: capacity) : nil,
        checkpoints: keepsStream ? StreamCheckpoints(shape: model.shape, capacity: capacity) : nil)
      transformer = Transformer(
        model, weights: made.weights, cache: cache, workspace: workspace, recorder: recorder, pool: pool,
        kernels: kernels.table)
    } catch {
      if owner == nil { pool.stop() }  // there will be no deinit to do it
      throw error
    }
    validLayers = model.shape.layers
    baselineBytesPerToken = model.nativeBytesPerToken
  }

  deinit { if owner == nil { pool.stop() } }

  /// Writes the weights to the cache, for whoever has time for it; nil where they came from there, where
  /// there is no cache or no room in it, and under plans other than the baseline.
  public func cacheWriter() -> WeightCacheWriter? {
    guard let weightCache, factory.cached?.isSound != true, plan == .baseline else { return nil }
    return WeightCacheWriter(weightCache, model, weights.matrices)
  }

  var weights: Weights { transformer.weights }
  var cache: KVCache { transformer.cache }
  var workspace: Workspace { transformer.workspace }
  var log: SimilarityLog? { transformer.recorder.similarity }
  var checkpoints: StreamCheckpoints? { transformer.recorder.checkpoints }

  /// The bytes that the context takes under its plan.
  public var memoryNeed: MemoryNeed { model.memoryNeed(plan, positions: capacity, conditions) }

  /// Makes `plan` the current one; the old one stays in use when this throws.
  public func use(_ plan: Plan, progress: @escaping ProgressCheck = { _ in true }) throws {
    guard plan != self.plan else { return }
    try plan.validate(for: model)
    _ = try model.checkedNeed(plan, after: self.plan, asked: capacity, conditions, others: otherBytes)
    let kvBits = model.kvBits(plan)
    let cache =
      kvBits == cache.bits ? cache : try KVCache(shape: model.shape, capacity: capacity, bits: kvBits)
    let made = try factory.weights(for: plan, reusing: weights, progress: progress)
    healing = made.healing
    transformer = transformer.with(made.weights, cache: cache)
    prefaultedPositions = 0
    for layer in 0..<model.shape.layers {
      if !plan.runs(.attention, layer: layer) {
        cache.release(layer: layer)
        log?.erase(.attention, layer: layer, positions: recordedPositions)
      }
      if !plan.runs(.mlp, layer: layer) { log?.erase(.mlp, layer: layer, positions: recordedPositions) }
    }
    let lowest = plan.lowestChange(from: self.plan, layers: model.shape.layers)
    if lowest < model.shape.layers {
      validPositions = 0
      validLayers = min(validLayers, lowest)
    }
    guessed = 0..<0
    self.plan = plan
  }
}
