import Foundation
import Quantization
import Tokenization

/// A model under a plan, and the tokens it has read.
///
/// What it computes is a function of (tokens, plan) alone. What a change leaves valid is not computed again: the
/// common prefix of the tokens, and the layers below the lowest that the plan changes.
public final class InferenceContext {
  public let model: Model
  public let kernels: Kernels
  /// Positions the KV cache holds.
  public let capacity: Int
  public private(set) var plan: Plan
  /// The tokens in the cache.
  public private(set) var tokens: [Token] = []
  /// How many of them are valid in all layers under `plan`; the others are valid below `validLayers`.
  private var validPositions = 0
  private var validLayers: Int
  /// Whether similarities are recorded as tokens are read.
  public var recordsSimilarity: Bool { log != nil }

  let pool: ComputePool
  private var weights: Weights
  private let cache: KVCache
  private let workspace: Workspace
  private let log: SimilarityLog?
  private let checkpoints: StreamCheckpoints?
  private var labels = TokenLabels()
  private let baselineBytesPerToken: Int

  /// Called now and then from long work, with what is done and the fraction; returns false to stop it.
  public typealias Progress = @Sendable (_ fraction: Double) -> Bool

  /// Packs the weights and reserves the cache.
  ///
  /// - Parameters:
  ///   - recordsSimilarity: Whether ``similarity()`` has something to tell.
  ///   - keepsStream: Whether layers below a change of plan are kept, at the cost of memory.
  /// - Throws: ``PlanError`` when the plan does not fit the model; ``ContextError`` when `context` positions do
  ///   not fit the machine's memory; `CancellationError`.
  public init(
    _ model: Model, plan: Plan = .baseline, threads: Int? = nil, context: Int? = nil,
    kernels: Kernels = .best, recordsSimilarity: Bool = false, keepsStream: Bool = false,
    progress: @escaping Progress = { _ in true }
  ) throws {
    try plan.validate(for: model)
    self.model = model
    self.plan = plan
    self.kernels = kernels
    let threads = max(1, threads ?? ComputePool.defaultThreads)
    capacity = try Self.capacity(model.shape, asked: context, threads: threads)
    pool = ComputePool(threads: threads)
    do {
      cache = try KVCache(shape: model.shape, capacity: capacity)
      workspace = Workspace(model, capacity: capacity, workers: pool.count)
      weights = try Self.weights(model, plan, nil, pool, kernels, progress)
    } catch {
      pool.stop()  // there will be no deinit to do it
      throw error
    }
    log = recordsSimilarity ? SimilarityLog(layers: model.shape.layers, capacity: capacity) : nil
    checkpoints = keepsStream ? StreamCheckpoints(shape: model.shape, capacity: capacity) : nil
    validLayers = model.shape.layers
    baselineBytesPerToken = model.nativeBytesPerToken
  }

  deinit { pool.stop() }

  /// Memory that the KV cache may come to take when no context length is asked for.
  private static let memoryBound = 2 << 30

  /// Positions to reserve, a multiple of 16.
  private static func capacity(_ shape: Hyperparameters, asked: Int?, threads: Int) throws -> Int {
    let cacheBytes = max(1, KVCache.bytesPerPosition(shape))
    let positions = asked ?? min(shape.trainedContext, memoryBound / cacheBytes)
    let bytes = cacheBytes + SimilarityLog.bytesPerPosition(shape) + Workspace.bytesPerPosition * threads
    guard Double(positions) * Double(bytes) < Double(ProcessInfo.processInfo.physicalMemory) else {
      throw ContextError.memory(positions: positions, bytesPerPosition: bytes)
    }
    return max(16, positions).roundedUp(to: 16)
  }

  private static func weights(
    _ model: Model, _ plan: Plan, _ previous: Weights?, _ pool: ComputePool, _ kernels: Kernels,
    _ progress: @escaping Progress
  ) throws -> Weights {
    let stopped = StopFlag()
    return try Weights(
      model, plan: plan, reusing: previous, pool: pool, kernels: kernels,
      progress: { if !progress($0) { stopped.set() } }, isCancelled: { stopped.isSet })
  }

  /// Makes `plan` the current one; the old one stays in use when this throws.
  public func use(_ plan: Plan, progress: @escaping Progress = { _ in true }) throws {
    guard plan != self.plan else { return }
    try plan.validate(for: model)
    weights = try Self.weights(model, plan, weights, pool, kernels, progress)
    for layer in 0..<model.shape.layers {
      if !plan.runs(.attention, layer: layer) {
        cache.release(layer: layer)
        log?.erase(.attention, layer: layer)
      }
      if !plan.runs(.mlp, layer: layer) { log?.erase(.mlp, layer: layer) }
    }
    let lowest = plan.lowestChange(from: self.plan, layers: model.shape.layers)
    if lowest < model.shape.layers {
      validPositions = 0
      validLayers = min(validLayers, lowest)
    }
    self.plan = plan
  }

  /// How many of `sequence`'s first tokens are in the cache.
  public func reusable(_ sequence: [Token]) -> Int {
    zip(tokens, sequence).prefix { $0 == $1 }.count
  }

  /// Tokens' worth of work that ``read(_:progress:)`` has to do for `sequence`: a token of which only the upper
  /// half of the layers must be computed counts half.
  public func work(toRead sequence: [Token]) -> Double {
    let common = reusable(sequence), layers = Double(model.shape.layers)
    let partial = max(0, min(common, keptPositions) - validPositions)
    let whole = sequence.count - max(min(validPositions, common), min(common, keptPositions))
    return Double(whole) + Double(partial) * (layers - Double(validLayers)) / layers
  }

  /// Tokens of `sequence` that need no work, or as many as the work saved in parts amounts to.
  func reusedTokens(of sequence: [Token]) -> Int {
    sequence.count - Int(work(toRead: sequence).rounded(.up))
  }

  private var keptPositions: Int { checkpoints?.positions ?? 0 }

  /// Reads `sequence` and returns the logits after its last token: [vocabulary], valid until the next call.
  ///
  /// - Throws: ``ContextError`` when the sequence is longer than the cache; `CancellationError`, after which
  ///   the part that was read stays usable.
  @discardableResult
  public func read(
    _ sequence: [Token], progress: Progress = { _ in true }
  ) throws -> UnsafeBufferPointer<Float> {
    guard let last = sequence.indices.last else { throw ContextError.empty }
    let common = reusable(sequence)
    // The logits of a token that was read before follow from its checkpoint; without one it is read again.
    truncate(to: last < keptPositions ? common : min(common, last))
    let pass = pass()
    if validPositions == sequence.count { return logits(pass, ofPosition: last) }
    var row = 0
    try advance(pass, sequence, progress: progress) { row = $0.count - 1 }
    return logits(pass, row: row)
  }

  /// Reads one more token after those in the cache.
  public func append(_ token: Token) throws -> UnsafeBufferPointer<Float> {
    guard validPositions == tokens.count else { return try read(tokens + [token]) }
    guard tokens.count < capacity else {
      throw ContextError.full(needed: tokens.count + 1, capacity: capacity)
    }
    let pass = pass()
    withUnsafePointer(to: token) { pass.run(.init(tokens: $0, count: 1, position: tokens.count)) }
    tokens.append(token)
    validPositions += 1
    return logits(pass, row: 0)
  }

  /// Reads `sequence` as one text, and hands out the logits after each of its tokens, in order.
  public func readAll(
    _ sequence: [Token], progress: Progress = { _ in true },
    each: (_ index: Int, _ logits: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let ready = min(reusable(sequence), validPositions, keptPositions)
    // Positions without a checkpoint are read again for their logits.
    truncate(to: ready < validPositions ? ready : reusable(sequence))
    let pass = pass()
    for start in stride(from: 0, to: ready, by: Workspace.logitRows) {
      let positions = start..<min(start + Workspace.logitRows, ready)
      pass.restoreEnd(positions)
      try hand(pass, rows: 0..<positions.count, positions: positions, to: each)
    }
    try advance(pass, sequence, progress: progress) { positions in
      try hand(pass, rows: 0..<positions.count, positions: positions, to: each)
    }
  }

  private func hand(
    _ pass: ForwardPass, rows: Range<Int>, positions: Range<Int>,
    to each: (_ index: Int, _ logits: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    for start in stride(from: 0, to: rows.count, by: Workspace.logitRows) {
      let chunk = start..<min(start + Workspace.logitRows, rows.count)
      let logits = pass.logits(rows: chunk)
      for row in chunk {
        try each(
          positions.lowerBound + row,
          UnsafeBufferPointer(
            start: logits + (row - start) * workspace.logitStride, count: model.shape.vocabulary))
      }
    }
  }

  /// Empties the cache.
  public func forget() { truncate(to: 0) }

  private func truncate(to count: Int) {
    tokens.removeLast(tokens.count - count)
    validPositions = min(validPositions, count)
    if validPositions == count { validLayers = model.shape.layers }
  }

  private func pass() -> ForwardPass {
    ForwardPass(
      model, weights: weights, cache: cache, workspace: workspace, log: log, checkpoints: checkpoints,
      pool: pool, kernels: kernels)
  }

  private func logits(_ pass: ForwardPass, row: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: pass.logits(rows: row..<row + 1), count: model.shape.vocabulary)
  }

  private func logits(_ pass: ForwardPass, ofPosition position: Int) -> UnsafeBufferPointer<Float> {
    pass.restoreEnd(position..<position + 1)
    return logits(pass, row: 0)
  }

  /// Makes all of `sequence`, which begins with the tokens in the cache, valid in all layers, a batch at a time.
  ///
  /// - Parameter done: Called after each batch with its positions; their streams are the workspace's first rows.
  private func advance(
    _ pass: ForwardPass, _ sequence: [Token], progress: Progress,
    done: (_ positions: Range<Int>) throws -> Void
  ) throws {
    guard sequence.count <= capacity else {
      throw ContextError.full(needed: sequence.count, capacity: capacity)
    }
    let first = validPositions
    while validPositions < sequence.count {
      let start = validPositions, isPartlyValid = start < min(tokens.count, keptPositions)
      let bound = isPartlyValid ? min(tokens.count, keptPositions) : sequence.count
      let end = min(start + Workspace.batch, bound)
      sequence.withUnsafeBufferPointer { buffer in
        pass.run(
          .init(
            tokens: buffer.baseAddress! + start, count: end - start, position: start,
            firstLayer: isPartlyValid ? validLayers : 0))
      }
      if end > tokens.count { tokens += sequence[tokens.count..<end] }
      validPositions = end
      if end == tokens.count { validLayers = model.shape.layers }
      try done(start..<end)
      let fraction = Double(end - first) / Double(sequence.count - first)
      guard progress(fraction) || end == sequence.count else { throw CancellationError() }
    }
  }
}

// MARK: - Figures

extension InferenceContext {
  /// What the plan costs; `seconds` is for the caller to fill in.
  public func figures(seconds: Double = 0) -> PlanFigures {
    PlanFigures(
      plan: plan, bitsPerWeight: weights.bitsPerWeight() ?? 0,
      layerBitsPerWeight: (0..<model.shape.layers).map { weights.bitsPerWeight(layer: $0) },
      weightBytesPerToken: weights.bytesPerToken,
      kvBytesPerPosition: kvBytesPerPosition,
      baselineWeightBytesPerToken: baselineBytesPerToken, seconds: seconds)
  }

  private var kvBytesPerPosition: Int {
    (0..<model.shape.layers).reduce(0) { bytes, layer in
      plan.runs(.attention, layer: layer) ? bytes + model.shape.kvBytesPerPosition(layer: layer) : bytes
    }
  }

  /// Bytes of the KV cache in use.
  public var kvBytes: Int { kvBytesPerPosition * tokens.count }

  /// Similarity of every sublayer for the tokens in the cache; nil when it is not recorded.
  public func similarity() -> SimilarityReport? {
    guard let log else { return nil }
    let positions = 0..<tokens.count
    return SimilarityReport(
      tokens: labels.texts(of: tokens, model.tokenizer),
      attention: log.values(.attention, positions: positions), mlp: log.values(.mlp, positions: positions),
      block: log.values(.block, positions: positions))
  }

  public var summary: ModelSummary {
    ModelSummary(
      name: model.name, path: model.file.path, architecture: model.architecture.name,
      fileType: model.fileType, layers: model.shape.layers, parameters: model.parameterCount,
      context: capacity, threads: pool.count, kernels: kernels.name,
      sampling: model.sampling)
  }
}

extension Plan {
  /// Checks that the plan fits a model, and asks only for what the engine offers.
  public func validate(for model: Model) throws(PlanError) {
    try validate(layers: model.shape.layers, model: model.name)
    guard !rotate else { throw PlanError("rotate: rotations are not offered yet; leave it out") }
    guard heal == .none else { throw PlanError("heal: healing is not offered yet; leave it out") }
    guard kvBits == 16 else { throw PlanError("kv_bits: only 16 is offered; leave it out") }
  }
}

public enum ContextError: Error, CustomStringConvertible, Hashable {
  case empty
  case full(needed: Int, capacity: Int)
  case memory(positions: Int, bytesPerPosition: Int)

  public var description: String {
    switch self {
    case .empty: "there are no tokens to read: the prompt is empty"
    case .full(let needed, let capacity):
      "\(needed) tokens do not fit the context of \(capacity): shorten the text or raise --context"
    case .memory(let positions, let bytesPerPosition):
      "a context of \(positions) positions does not fit the memory of this machine, at \(bytesPerPosition) bytes "
        + "a position: lower --context"
    }
  }
}
