import CKernels
import Quantization
import Tokenization

/// The transformer: one pass over a batch of consecutive tokens.
///
/// All workers of the pool run the same code on their share of each stage and meet at barriers; a share
/// never changes what is computed, so the result does not depend on the number of workers, nor on how the
/// tokens were cut into batches. Shapes in comments: `t` tokens of the batch, `d` the model's width.
struct ForwardPass: @unchecked Sendable {  // its pointers are shared as the stages allow
  let model: Model
  let shape: Hyperparameters
  let weights: Weights
  let cache: KVCache
  let workspace: Workspace
  /// Records similarities when present.
  let log: SimilarityLog?
  /// Keeps the stream before every layer when present.
  let checkpoints: StreamCheckpoints?
  /// Adds up the squares of what matrices read when present.
  let importance: Importance?
  let pool: ComputePool
  let kernels: UnsafePointer<pare_kernels>
  private let gateKind: Int32
  let ropeKind: Int32
  let usesLayerNorm: Bool

  /// The tokens under way.
  struct Batch {
    var tokens: UnsafePointer<Token>
    var count: Int
    /// Position of the first token.
    var position: Int
    /// The first layer to run, from the checkpoints, where it is not 0.
    var firstLayer = 0
  }

  init(
    _ model: Model, weights: Weights, cache: KVCache, workspace: Workspace, log: SimilarityLog?,
    checkpoints: StreamCheckpoints?, importance: Importance? = nil, pool: ComputePool, kernels: Kernels
  ) {
    self.model = model
    shape = model.shape
    self.weights = weights
    self.cache = cache
    self.workspace = workspace
    self.log = log
    self.checkpoints = checkpoints
    self.importance = importance
    self.pool = pool
    self.kernels = kernels.table
    gateKind = model.architecture.gate.kernelValue
    ropeKind = model.architecture.rope.kernelValue
    usesLayerNorm = model.architecture.norm == .layer
  }

  /// Reads one token, appends its keys and values to the cache, and returns what may follow it, valid until the next call.
  func step(_ token: Token, at position: Int) -> LogDistribution {
    withUnsafePointer(to: token) { token in
      let batch = UncheckedBox(Batch(tokens: token, count: 1, position: position))
      pool.run { worker in
        let batch = batch.value, mine = Rows(own: workspace, pool, worker)
        begin(batch, mine)
        for layer in 0..<shape.layers { run(layer, batch, mine, worker) }
        keep(shape.layers, batch, mine)
        computeLogits(0..<1, mine, worker)
        pool.barrier()
        sumLogits(worker)
      }
    }
    return LogDistribution(logitRow, UnsafeBufferPointer(workspace.logitParts), kernels)
  }

  /// The first row of logits: [vocabulary].
  private var logitRow: UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: workspace.logits, count: shape.vocabulary)
  }

  private func sumLogits(_ worker: Int) {
    for part in pool.share(workspace.logitParts.count, worker) {
      workspace.logitParts[part] = .init(part, of: logitRow, kernels)
    }
  }

  /// Computes the residual stream of `batch`, layer by layer, and appends its keys and values to the cache.
  ///
  /// - Parameter progress: Called before each layer with the fraction that is done; false ends the pass there.
  /// - Throws: `CancellationError`; what the cache holds of these tokens is then worth nothing.
  func runByLayer(_ batch: Batch, progress: (Double) -> Bool) throws {
    let batch = UncheckedBox(batch), layers = batch.value.firstLayer..<shape.layers
    pool.run { worker in begin(batch.value, share(of: batch.value.count, worker)) }
    for layer in layers {
      guard progress(Double(layer - layers.lowerBound) / Double(layers.count)) else {
        throw CancellationError()
      }
      pool.run { worker in run(layer, batch.value, share(of: batch.value.count, worker), worker) }
    }
    pool.run { worker in keep(shape.layers, batch.value, share(of: batch.value.count, worker)) }
  }

  /// Reads `tokens` as a text of their own, a batch at a time.
  ///
  /// - Parameter done: Called after each batch with its positions; their streams are the workspace's first rows.
  /// - Throws: `CancellationError`.
  func read(
    _ tokens: [Token], progress: (Double) -> Bool, done: (_ positions: Range<Int>) -> Void
  ) throws {
    try tokens.withUnsafeBufferPointer { buffer in
      for start in stride(from: 0, to: tokens.count, by: Workspace.batch) {
        let end = min(start + Workspace.batch, tokens.count)
        try runByLayer(.init(tokens: buffer.baseAddress! + start, count: end - start, position: start)) {
          progress((Double(start) + $0 * Double(end - start)) / Double(tokens.count))
        }
        done(start..<end)
      }
    }
  }

  /// Runs a step alone over a batch whose stream is in the workspace.
  func run(
    _ batch: Batch, step: @escaping @Sendable (_ batch: Batch, _ mine: Rows, _ worker: Int) -> Void
  ) {
    let batch = UncheckedBox(batch)
    pool.run { worker in
      let mine = share(of: batch.value.count, worker)
      fillRope(batch.value, mine)
      step(batch.value, mine, worker)
    }
  }

  func share(of count: Int, _ worker: Int) -> Rows { Rows(of: count, workspace, pool, worker) }

  private func begin(_ batch: Batch, _ mine: Rows) {
    if batch.firstLayer == 0 { embed(batch, mine) } else { restore(batch.firstLayer, batch, mine) }
    fillRope(batch, mine)
  }

  private func run(_ layer: Int, _ batch: Batch, _ mine: Rows, _ worker: Int) {
    let weights = weights.layers[layer]
    keep(layer, batch, mine)
    if log != nil { keepBlockInput(mine) }
    run(.attention, weights, layer, batch, mine, worker)
    run(.mlp, weights, layer, batch, mine, worker)
    if log != nil { compareBlock(layer, batch, mine) }
  }

  /// x ← x + sublayer(x), or what stands in its place
  func run(
    _ sublayer: Plan.Sublayer, _ weights: Weights.LayerWeights, _ layer: Int, _ batch: Batch, _ mine: Rows,
    _ worker: Int
  ) {
    let postNorm: Weights.NormWeights?
    switch (sublayer, weights.attention, weights.mlp) {
    case (.attention, .own(let own), _):
      attention(own, layer, batch, mine, worker)
      postNorm = own.postNorm
    case (.mlp, _, .own(let own)):
      mlp(own, layer, batch, mine, worker)
      postNorm = own.postNorm
    case (.attention, .map(let map), _), (.mlp, _, .map(let map)):
      self.map(map, batch, mine, worker)
      postNorm = map.postNorm
    case (.attention, .absent, _), (.mlp, _, .absent): return
    }
    addToStream(layer, sublayer == .attention ? .attention : .mlp, postNorm, batch, mine)
  }

  /// The rotations of each token's position.
  private func fillRope(_ batch: Batch, _ mine: Rows) {
    for t in mine.tokens(.first) { workspace.rope.fill(row: t, position: batch.position + t) }
  }

  /// x[t, d] ← embedding of each token
  func embed(_ batch: Batch, _ mine: Rows) {
    let scale = shape.embeddingScale
    for t in mine.tokens {
      let row = UnsafeMutableBufferPointer(start: mine.stream + t * shape.width, count: shape.width)
      model.embedding.dequantize(row: Int(batch.tokens[t]), into: row)
      if let base = row.baseAddress { weights.rotations?.stream.apply(to: base, count: row.count) }
      if scale != 1 { kernels.pointee.scale_cap(row.baseAddress, Int32(row.count), scale, 0) }
    }
  }

  /// W_down · (act(W_gate n) ⊙ W_up n), n the sublayer's input  →  delta[t, d]
  private func mlp(_ w: Weights.MLPWeights, _ layer: Int, _ batch: Batch, _ mine: Rows, _ worker: Int) {
    takeInput(w.input, mine, of: batch.count)
    importance?.add(mine.normed, count: batch.count, at: .init(layer: layer, input: .mlp), pool, worker)
    let hidden = workspace.hidden, group = Activations.group
    let width = w.width.roundedUp(to: group), rows = Int(w.gate.rows)
    // Whole groups of columns, so that who computes a part of the hidden row can encode it too.
    pool.divide(width / group, worker, least: max(1, leastTiles(batch.count) * 16 / group)) { groups in
      let columns = groups.lowerBound * group..<groups.upperBound * group
      let computed = columns.clamped(to: 0..<rows)
      let tiles = computed.lowerBound / 16..<computed.upperBound / 16
      multiply(w.gate, mine.normed, batch.count, hidden.values, hidden.stride, tiles, worker)
      multiply(w.up, mine.normed, batch.count, workspace.up, hidden.stride, tiles, worker)
      for t in 0..<batch.count {
        let gate = hidden.row(t), up = workspace.up + t * hidden.stride
        add(w.gateBias, to: gate, computed, of: w.width)
        add(w.upBias, to: up, computed, of: w.width)
        kernels.pointee.gate(
          gate + computed.lowerBound, up + computed.lowerBound, Int32(computed.count), gateKind)
        // A wider layer may have left something behind the last tile.
        if computed.upperBound == rows { (gate + rows).update(repeating: 0, count: width - rows) }
        if w.subNorm == nil { hidden.quantize(token: t, of: batch.count, columns: columns, kernels) }
      }
    }
    pool.barrier()
    if let subNorm = w.subNorm {
      for t in mine.tokens {
        let row = mine.hidden.row(t)
        normalise(hidden.row(t), subNorm, w.width, into: row)
        (row + w.width).update(repeating: 0, count: width - w.width)
        mine.hidden.quantize(token: t, of: batch.count, columns: 0..<width, kernels)
      }
      meet(mine)
    }
    let read = w.subNorm == nil ? hidden : mine.hidden
    importance?.add(read, count: batch.count, at: .init(layer: layer, input: .hidden), pool, worker)
    multiply(w.down, read, batch.count, workspace.delta, workspace.deltaStride, worker)
    pool.barrier()
    takeDelta(w.downBias, mine)
  }

  /// W n + bias, n the sublayer's input  →  delta[t, d]
  private func map(_ w: Weights.MapWeights, _ batch: Batch, _ mine: Rows, _ worker: Int) {
    if let input = w.input { takeInput(input, mine, of: batch.count) }
    if let matrix = w.matrix {
      pool.barrier()  // others may still read the last delta
      multiply(matrix, mine.normed, batch.count, workspace.delta, workspace.deltaStride, worker)
      pool.barrier()
      takeDelta(nil, mine)
    }
    for t in mine.tokens {
      let delta = mine.delta + t * workspace.deltaStride
      let isSkipped = w.skipsFirst && batch.position + t == 0
      if w.matrix == nil || isSkipped { delta.update(repeating: 0, count: shape.width) }
      if isSkipped { continue }
      if let bias = w.bias { kernels.pointee.add(delta, bias, Int32(shape.width)) }
    }
  }

  /// Logits of `rows` of the last batch, at most `Workspace.logitRows`: [rows, vocabulary padded].
  func logits(rows: Range<Int>) -> UnsafeMutablePointer<Float> {
    precondition(rows.count <= Workspace.logitRows)
    pool.run { worker in computeLogits(rows, share(of: rows.count, worker), worker) }
    return workspace.logits
  }

  /// logits[row, vocabulary] ← W_head · norm(x[row, d])
  private func computeLogits(_ rows: Range<Int>, _ mine: Rows, _ worker: Int) {
    takeHeadInput(rows, mine)
    multiply(weights.head, mine.normed, rows.count, workspace.logits, workspace.logitStride, worker)
    guard shape.logitSoftCap > 0 || shape.logitScale != 1 else { return }
    pool.barrier()
    let columns = pool.share(shape.vocabulary, worker)
    for row in 0..<rows.count {
      kernels.pointee.scale_cap(
        workspace.logits + row * workspace.logitStride + columns.lowerBound, Int32(columns.count),
        shape.logitScale, shape.logitSoftCap)
    }
  }

  /// n[row, d] ← final norm of `rows` of the stream, also as codes.
  private func takeHeadInput(_ rows: Range<Int>, _ mine: Rows) {
    for row in mine.tokens {
      normalise(
        mine.stream + (rows.lowerBound + row) * shape.width, weights.finalNorm, shape.width,
        into: mine.normed.row(row))
      mine.normed.quantize(token: row, of: rows.count, columns: 0..<mine.normed.stride, kernels)
    }
    meet(mine)
  }

  /// Adds what the head reads after `rows` of the last batch to the importance, without computing logits.
  func weighHeadInput(rows: Range<Int>) {
    pool.run { worker in
      let mine = share(of: rows.count, worker)
      takeHeadInput(rows, mine)
      importance?.add(mine.normed, count: rows.count, at: .init(layer: nil, input: .head), pool, worker)
    }
  }
}
