import Foundation
import Quantization
import Tokenization

/// A model under a plan, and the tokens it has read.
///
/// What it computes is a function of (tokens, plan) alone. Tokens already in the cache under the same plan
/// are not computed again; anything else is.
public final class InferenceContext {
  public let model: Model
  public let kernels: Kernels
  /// Positions the KV cache holds.
  public let capacity: Int
  public private(set) var plan: Plan
  /// The tokens in the cache, all read under `plan`.
  public private(set) var tokens: [Token] = []
  /// Whether similarities are recorded as tokens are read.
  public var recordsSimilarity: Bool { log != nil }

  let pool: ComputePool
  private var weights: Weights
  private let cache: KVCache
  private let workspace: Workspace
  private var log: SimilarityLog?
  private let baselineBytesPerToken: Int

  /// Called now and then from long work, with what is done and the fraction; returns false to stop it.
  public typealias Progress = @Sendable (_ fraction: Double) -> Bool

  /// Packs the weights and reserves the cache.
  ///
  /// - Throws: ``PlanError`` when the plan does not fit the model; ``ContextError`` when `context` positions do
  ///   not fit the machine's memory; `CancellationError`.
  public init(
    _ model: Model, plan: Plan = .baseline, threads: Int? = nil, context: Int? = nil,
    kernels: Kernels = .best, recordsSimilarity: Bool = false, progress: @escaping Progress = { _ in true }
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
    self.plan = plan
    tokens = []
  }

  /// How many of `sequence`'s first tokens are in the cache.
  public func reusable(_ sequence: [Token]) -> Int {
    zip(tokens, sequence).prefix { $0 == $1 }.count
  }

  /// Reads `sequence` and returns the logits after its last token: [vocabulary], valid until the next call.
  ///
  /// - Throws: ``ContextError`` when the sequence is longer than the cache; `CancellationError`, after which
  ///   the part that was read stays usable.
  @discardableResult
  public func read(
    _ sequence: [Token], progress: Progress = { _ in true }
  ) throws -> UnsafeBufferPointer<Float> {
    guard let last = sequence.indices.last else { throw ContextError.empty }
    // The last token is read anew even when it is in the cache: its logits are not kept.
    tokens.removeLast(tokens.count - min(reusable(sequence), last))
    var logits = UnsafeBufferPointer<Float>(start: nil, count: 0)
    try advance(sequence[tokens.count...], progress: progress) { pass, rows, isEnd in
      guard isEnd else { return }
      logits = self.logits(pass, rows.upperBound - 1..<rows.upperBound)
    }
    return logits
  }

  /// Reads one more token after those in the cache.
  public func append(_ token: Token) throws -> UnsafeBufferPointer<Float> {
    try advance(CollectionOfOne(token)[...], progress: { _ in true }) { _, _, _ in }
    return logits(pass(), 0..<1)
  }

  /// Reads `sequence` as one text, and hands out the logits after each of its tokens, in order.
  public func readAll(
    _ sequence: [Token], progress: Progress = { _ in true },
    each: (_ index: Int, _ logits: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    tokens = []
    try advance(sequence[...], progress: progress) { pass, rows, _ in
      let first = tokens.count - rows.count
      for start in stride(from: 0, to: rows.count, by: Workspace.logitRows) {
        let chunk = start..<min(start + Workspace.logitRows, rows.count)
        let logits = pass.logits(rows: chunk)
        for row in chunk {
          try each(
            first + row,
            UnsafeBufferPointer(
              start: logits + (row - start) * workspace.logitStride, count: model.shape.vocabulary))
        }
      }
    }
  }

  /// Empties the cache.
  public func forget() { tokens = [] }

  private func pass() -> ForwardPass {
    ForwardPass(
      model, weights: weights, cache: cache, workspace: workspace, log: log, pool: pool, kernels: kernels)
  }

  private func logits(_ pass: ForwardPass, _ row: Range<Int>) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: pass.logits(rows: row), count: model.shape.vocabulary)
  }

  /// Reads tokens after those in the cache, a batch at a time.
  private func advance(
    _ sequence: some RandomAccessCollection<Token>, progress: Progress,
    done: (_ pass: ForwardPass, _ rows: Range<Int>, _ isEnd: Bool) throws -> Void
  ) throws {
    let total = tokens.count + sequence.count
    guard total <= capacity else { throw ContextError.full(needed: total, capacity: capacity) }
    let pass = pass()
    var rest = sequence[...]
    while !rest.isEmpty {
      let batch = Array(rest.prefix(Workspace.batch))
      rest = rest.dropFirst(batch.count)
      batch.withUnsafeBufferPointer { buffer in
        pass.run(.init(tokens: buffer.baseAddress!, count: batch.count, position: tokens.count))
      }
      tokens += batch
      try done(pass, 0..<batch.count, rest.isEmpty)
      guard progress(1 - Double(rest.count) / Double(sequence.count)) || rest.isEmpty else {
        throw CancellationError()
      }
    }
  }
}

// MARK: - Figures

extension InferenceContext {
  /// What the plan costs; `seconds` is for the caller to fill in.
  public func figures(seconds: Double = 0) -> PlanFigures {
    let running = (0..<model.shape.layers).filter { plan.runs(.attention, layer: $0) }
    return PlanFigures(
      plan: plan, bitsPerWeight: weights.bitsPerWeight() ?? 0,
      layerBitsPerWeight: (0..<model.shape.layers).map { weights.bitsPerWeight(layer: $0) },
      weightBytesPerToken: weights.bytesPerToken,
      kvBytesPerPosition: running.reduce(0) { $0 + model.shape.kvBytesPerPosition(layer: $1) },
      baselineWeightBytesPerToken: baselineBytesPerToken, seconds: seconds)
  }

  /// Bytes of the KV cache in use.
  public var kvBytes: Int { figures().kvBytesPerPosition * tokens.count }

  /// Similarity of every sublayer for the tokens in the cache; nil when it is not recorded.
  public func similarity() -> SimilarityReport? {
    guard let log else { return nil }
    let positions = 0..<tokens.count
    return SimilarityReport(
      tokens: tokens.map { model.tokenizer.text(of: $0) },
      attention: log.values(.attention, positions: positions), mlp: log.values(.mlp, positions: positions),
      block: log.values(.block, positions: positions))
  }

  public var summary: ModelSummary {
    ModelSummary(
      name: model.name, path: model.file.path, architecture: model.architecture.name,
      fileType: model.fileType, layers: model.shape.layers, parameters: model.parameterCount,
      context: capacity, threads: pool.count, kernels: kernels.name)
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
