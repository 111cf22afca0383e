import Quantization
import Tokenization

/// Trials of plans on a text, which measure the damage of each to the baseline's predictions.
///
/// The stream of one plan, the `center`, is kept before every layer; any other plan runs from the lowest
/// layer at which it differs from that one. Trials share the threads and weights of their context, and leave
/// its plan and tokens unchanged. Plans are tried without healing, which would have to be fitted for each.
public final class Trials {
  /// The text, in passages that are read apart from each other.
  public let passages: [[Token]]
  /// The plan whose streams are kept.
  public private(set) var center = Plan.baseline
  /// The layers of `center` whose streams are kept; fewer than all after a move that was stopped.
  private var validLayers: Int
  /// The baseline on the same text; its KL is 0.
  public private(set) var baseline = Damage(kl: 0, perplexity: 0, sameTop: 1)
  fileprivate var similarities: [Droppable: Similarity] = [:]
  /// Tokens of all passages.
  public let tokenCount: Int

  private let context: InferenceContext
  private let factory: WeightsFactory
  private var weights: Weights
  /// The KV cache of each width of elements.
  private var caches: [KVBits: KVCache] = [:]
  private let longest: Int
  private let workspace: Workspace
  /// One for each passage.
  private let checkpoints: [StreamCheckpoints]
  private let reference: ReferenceLogits

  /// Called now and then from long work; true ends it with `CancellationError`.
  public typealias StopCheck = @Sendable () -> Bool

  /// Reads `passages` under the baseline.
  ///
  /// - Parameter other: Trials in the same context, to share packed weights with.
  /// - Throws: ``TrialError``, ``ContextError``, `MemoryError`, `CancellationError`.
  public init(
    _ passages: [[Token]], in context: InferenceContext, sharing other: Trials? = nil,
    isStopped: @escaping StopCheck = { false }
  ) throws {
    let shape = context.model.shape, longest = passages.map(\.count).max() ?? 0
    guard longest > 1 else { throw TrialError.tooShort }
    self.passages = passages
    self.context = context
    tokenCount = passages.reduce(0) { $0 + $1.count }
    let kept = passages.map { StreamCheckpoints(shape: shape, capacity: $0.count) }
    checkpoints = kept.compactMap { $0 }
    guard zip(checkpoints, passages).allSatisfy({ $0.positions == $1.count }), checkpoints.count == kept.count
    else {
      throw TrialError.memory(
        tokens: tokenCount, bytes: tokenCount * StreamCheckpoints.bytesPerPosition(shape))
    }
    reference = try ReferenceLogits(
      tokens: tokenCount, vocabulary: shape.vocabulary, pool: context.pool, kernels: context.kernels)
    self.longest = longest
    workspace = Workspace(context.model, capacity: longest, workers: context.pool.threads)
    factory = other?.factory ?? context.factory.keepingMatrices(of: context.weights)
    weights = try factory.weights(for: .baseline, reusing: nil) { _ in !isStopped() }.weights
    validLayers = shape.layers
    try read(passages.indices, weights, from: 0, keepsStream: true, isStopped) { logits, first, next in
      self.reference.keep(logits, stride: self.workspace.logits.stride, rows: next.count, first: first)
      self.compare(logits, first: first, next: next)
    }
    baseline = reference.damage(of: 0..<tokenCount, scored: scoredCount)
  }

  /// Makes `plan` the ``center``, so that plans that differ from it in upper layers are tried faster.
  public func move(to plan: Plan, isStopped: @escaping StopCheck = { false }) throws {
    let plan = plan.unhealed
    guard plan != center || validLayers < layers else { return }
    weights = try factory.weights(for: plan, reusing: weights) { _ in !isStopped() }.weights
    validLayers = start(of: plan)
    center = plan
    try read(passages.indices, weights, from: validLayers, keepsStream: true, isStopped)
    validLayers = layers
  }

  /// Measures the damage of `plan`.
  ///
  /// - Throws: `MemoryError`; `CancellationError`.
  public func damage(of plan: Plan, isStopped: @escaping StopCheck = { false }) throws -> Damage {
    let plan = plan.unhealed
    if plan == .baseline { return baseline }
    let weights = try factory.weights(for: plan, reusing: weights) { _ in !isStopped() }.weights
    try read(passages.indices, weights, from: start(of: plan), keepsStream: false, isStopped, each: compare)
    return reference.damage(of: 0..<tokenCount, scored: scoredCount)
  }

  /// KL(baseline ‖ plan) over one passage alone, in nats a token.
  public func kl(
    of plan: Plan, passage: Int, isStopped: @escaping StopCheck = { false }
  ) throws -> Double {
    let plan = plan.unhealed
    if plan == .baseline { return 0 }
    let weights = try factory.weights(for: plan, reusing: weights) { _ in !isStopped() }.weights
    let chosen = passage..<passage + 1
    try read(chosen, weights, from: start(of: plan), keepsStream: false, isStopped, each: compare)
    return reference.damage(of: tokens(of: chosen), scored: 0).kl
  }

  /// Decode speed under `plan`, in tokens a second: the median over single tokens near the start of a
  /// context.
  public func decodeSpeed(of plan: Plan, isStopped: @escaping StopCheck = { false }) throws -> Double {
    let weights = try factory.weights(for: plan.unhealed, reusing: weights) { _ in !isStopped() }.weights
    let transformer = try transformer(weights)
    let clock = ContinuousClock()
    var times: [Double] = []
    for (position, token) in passages[0].prefix(24).enumerated() {
      if isStopped() { throw CancellationError() }
      let time = clock.measure { _ = transformer.step(token, at: position) }
      times.append(time.seconds)
    }
    times.sort()
    return 1 / times[times.count / 2]
  }

  private var layers: Int { context.model.shape.layers }
  /// The number of tokens with a next token.
  private var scoredCount: Int { tokenCount - passages.count }

  /// The lowest layer whose input is not kept, or that differs from the center's.
  private func start(of plan: Plan) -> Int {
    min(validLayers, plan.lowestChange(from: center, layers: layers))
  }

  private func compare(_ logits: UnsafePointer<Float>, first: Int, next: [Token?]) {
    reference.compare(logits, stride: workspace.logits.stride, first: first, next: next)
  }

  /// The indices of passages' tokens among those of all.
  private func tokens(of chosen: Range<Int>) -> Range<Int> {
    let first = passages[..<chosen.lowerBound].reduce(0) { $0 + $1.count }
    return first..<first + passages[chosen].reduce(0) { $0 + $1.count }
  }

  /// Runs passages from a layer on.
  ///
  /// - Parameter each: Called with the logits of some tokens at a time, the index of the first of them among
  ///   those of all passages, and the token that follows each.
  private func read(
    _ chosen: Range<Int>, _ weights: Weights, from layer: Int, keepsStream: Bool, _ isStopped: StopCheck,
    each: ((_ logits: UnsafePointer<Float>, _ first: Int, _ next: [Token?]) -> Void)? = nil
  ) throws {
    let log = keepsStream ? SimilarityLog(layers: layers, capacity: longest) : nil
    if keepsStream { similarities = similarities.filter { $0.key.layer < layer } }
    var offset = tokens(of: chosen).lowerBound
    for (passage, kept) in zip(passages[chosen], checkpoints[chosen]) {
      let transformer = try transformer(
        weights, Recorder(similarity: log, checkpoints: keepsStream ? kept : nil))
      for start in stride(from: 0, to: passage.count, by: Workspace.batch) {
        let count = min(Workspace.batch, passage.count - start)
        if layer > 0 {
          kept.restore(layer: layer, positions: start..<start + count, into: workspace.stream.start)
        }
        try passage.withUnsafeBufferPointer {
          let batch = Batch(
            start: layer > 0 ? .stream(before: layer) : .tokens($0.baseAddress! + start), count: count,
            position: start)
          try transformer.run(batch) { _ in !isStopped() }
        }
        try context.model.file.checkMapping()
        guard let each else { continue }
        for row in stride(from: 0, to: count, by: Workspace.logitRows) {
          if isStopped() { throw CancellationError() }
          let rows = row..<min(row + Workspace.logitRows, count)
          let next = rows.map { start + $0 + 1 < passage.count ? passage[start + $0 + 1] : nil }
          transformer.computeLogits(rows: rows)
          each(workspace.logits.start, offset + start + row, next)
        }
      }
      offset += passage.count
      if let log { note(log, from: layer, tokens: passage.count) }
    }
  }

  private func transformer(_ weights: Weights, _ recorder: Recorder = Recorder()) throws -> Transformer {
    let bits = context.model.kvBits(weights.plan)
    let cache = try caches[bits] ?? KVCache(shape: context.model.shape, capacity: longest, bits: bits)
    caches[bits] = cache
    return Transformer(
      context.model, weights: weights, cache: cache, workspace: workspace, recorder: recorder,
      pool: context.pool, kernels: context.kernels.table)
  }
}

extension Trials {
  /// The sum of a cosine over some tokens.
  fileprivate struct Similarity {
    var sum = 0.0
    var count = 0
  }

  /// Mean similarity of a part over all tokens under the center; nil for a part that does not run under it.
  public func similarity(of part: Droppable) -> Float? {
    similarities[part].map { Float($0.sum / Double($0.count)) }
  }

  private func note(_ log: SimilarityLog, from layer: Int, tokens: Int) {
    for part in Part.allCases {
      let rows = log.values(part, positions: 0..<tokens)
      for layer in layer..<rows.count {
        for value in rows[layer] where !value.isAbsent {
          similarities[Droppable(part, layer), default: Similarity()].sum += Double(value)
          similarities[Droppable(part, layer), default: Similarity()].count += 1
        }
      }
    }
  }
}

extension Plan {
  fileprivate var unhealed: Plan {
    var plan = self
    plan.heal = .none
    return plan
  }
}
