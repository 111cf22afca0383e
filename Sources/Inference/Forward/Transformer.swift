import CKernels
import Quantization
import Tokenization

/// A model under a plan, with the cache and the memory that its forward passes use: runs passes, and hands
/// out logits.
///
/// One pass at a time. ``ForwardPass`` has the arithmetic.
final class Transformer: @unchecked Sendable {  // its memory is shared as the stages of a pass allow
  let model: Model
  let shape: Hyperparameters
  let weights: Weights
  let cache: KVCache
  let workspace: Workspace
  let recorder: Recorder
  let pool: ComputePool
  let kernels: UnsafePointer<pare_kernels>
  let activation: Int32
  let ropeKind: Int32
  let usesLayerNorm: Bool
  let normsHeadsAfterRope: Bool
  let coding: ActivationCoding

  init(
    _ model: Model, weights: Weights, cache: KVCache, workspace: Workspace, recorder: Recorder = Recorder(),
    pool: ComputePool, kernels: UnsafePointer<pare_kernels>
  ) {
    self.model = model
    shape = model.shape
    self.weights = weights
    self.cache = cache
    self.workspace = workspace
    self.recorder = recorder
    self.pool = pool
    self.kernels = kernels
    activation = model.architecture.activation.kernelValue
    ropeKind = shape.ropeStyle.kernelValue
    usesLayerNorm = model.architecture.norm == .layer
    normsHeadsAfterRope = model.architecture.normsHeadsAfterRope
    coding = ActivationCoding(weights.plan, model)
  }

  /// The same with other weights, and the cache that their plan wants.
  func with(_ weights: Weights, cache: KVCache) -> Transformer {
    Transformer(
      model, weights: weights, cache: cache, workspace: workspace, recorder: recorder, pool: pool,
      kernels: kernels)
  }

  /// Reads one token and appends its keys and values to the cache.
  ///
  /// - Returns: The distribution of the next token, valid until the next call.
  func step(_ token: Token, at position: Int) -> LogDistribution {
    withUnsafePointer(to: token) { token in
      let batch = UncheckedBox(Batch(start: .tokens(token), count: 1, position: position))
      pool.run { [self] worker in
        let pass = ForwardPass(
          transformer: self, batch: batch.value, rows: WorkerRows(own: workspace, pool, worker),
          worker: worker)
        pass.embed()
        pass.fillRope()
        for layer in 0..<shape.layers { pass.run(layer: layer) }
        pass.recordStream(before: shape.layers)
        pass.head(0..<1, into: workspace.logits)
        pass.barrier()
        for part in pool.share(workspace.logitParts.count, worker) {
          workspace.logitParts[part] = .init(part, of: logits(row: 0), kernels)
        }
      }
    }
    return LogDistribution(logits(row: 0), UnsafeBufferPointer(workspace.logitParts), kernels)
  }

  /// Computes the residual stream of `batch`, layer by layer, and appends its keys and values to the cache.
  /// The streams after the last layer are the first rows of the workspace.
  ///
  /// - Parameter progress: Called before each layer with the fraction that is done; false ends the pass
  ///   there.
  /// - Throws: `CancellationError`; keys and values of these tokens are then worth nothing.
  func run(_ batch: Batch, progress: (Double) -> Bool) throws {
    let layers = batch.firstLayer..<shape.layers
    perform(batch) {
      $0.embed()
      $0.fillRope()
    }
    for layer in layers {
      guard progress(Double(layer - layers.lowerBound) / Double(layers.count)) else {
        throw CancellationError()
      }
      perform(batch) { $0.run(layer: layer) }
    }
    perform(batch) { [shape] in $0.recordStream(before: shape.layers) }
  }

  /// Reads `tokens` as a text of their own, a batch at a time.
  ///
  /// - Parameter done: Called after each batch with its positions; their streams are the workspace's first
  ///   rows.
  /// - Throws: `CancellationError`.
  func read(
    _ tokens: [Token], progress: (Double) -> Bool, done: (_ positions: Range<Int>) -> Void
  ) throws {
    try tokens.withUnsafeBufferPointer { buffer in
      for start in stride(from: 0, to: tokens.count, by: Workspace.batch) {
        let end = min(start + Workspace.batch, tokens.count)
        let batch = Batch(
          start: .tokens(buffer.baseAddress! + start), count: end - start, position: start)
        try run(batch) { progress((Double(start) + $0 * Double(end - start)) / Double(tokens.count)) }
        done(start..<end)
      }
    }
  }

  /// Has every worker do a step of a pass over a batch whose stream is in the workspace.
  func perform(_ batch: Batch, _ step: @escaping @Sendable (ForwardPass) -> Void) {
    let batch = UncheckedBox(batch)
    pool.run { [self] worker in
      step(
        ForwardPass(
          transformer: self, batch: batch.value,
          rows: WorkerRows(of: batch.value.count, workspace, pool, worker), worker: worker))
    }
  }

  // MARK: Logits

  /// Computes the logits after `rows` of the last batch, at most `Workspace.logitRows`; ``logits(row:)`` has
  /// them.
  func computeLogits(rows: Range<Int>) {
    precondition(rows.count <= Workspace.logitRows)
    perform(headBatch(rows.count)) { [workspace] in $0.head(rows, into: workspace.logits) }
  }

  /// The `row`-th of the logits that were computed last [V], valid until others are.
  func logits(row: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: workspace.logits.row(row), count: shape.vocabulary)
  }

  /// The same for ``Workspace/guesses``.
  func computeGuesses(rows: Range<Int>) {
    precondition(rows.count <= Workspace.logitRows)
    perform(headBatch(rows.count)) { [workspace] in $0.head(rows, into: workspace.guesses) }
  }

  /// Adds what the head reads after `rows` of the last batch to the importance, without computing logits.
  func recordHeadInput(rows: Range<Int>) {
    perform(headBatch(rows.count)) { $0.recordInput($0.headInput(rows), .head, layer: nil) }
  }

  /// Rows of the stream after the last layer, as a batch that only the head reads.
  private func headBatch(_ count: Int) -> Batch {
    Batch(start: .stream(before: shape.layers), count: count, position: 0)
  }
}
