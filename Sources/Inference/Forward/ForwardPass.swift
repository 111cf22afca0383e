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
  private let usesLayerNorm: Bool

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

  /// Computes the residual stream of `batch` and appends its keys and values to the cache.
  func run(_ batch: Batch) {
    let batch = UncheckedBox(batch)
    pool.run { worker in run(batch.value, worker) }
  }

  /// Runs a step alone over a batch whose stream is in the workspace.
  func run(
    _ batch: Batch, step: @escaping @Sendable (_ batch: Batch, _ mine: Range<Int>, _ worker: Int) -> Void
  ) {
    let batch = UncheckedBox(batch)
    pool.run { worker in
      let mine = pool.share(batch.value.count, worker)
      fillRope(batch.value, mine)
      step(batch.value, mine, worker)
    }
  }

  private func run(_ batch: Batch, _ worker: Int) {
    let mine = pool.share(batch.count, worker)
    if batch.firstLayer == 0 { embed(batch, mine) } else { restore(batch.firstLayer, batch, mine) }
    fillRope(batch, mine)
    for layer in batch.firstLayer..<shape.layers {
      let weights = weights.layers[layer]
      keep(layer, batch, mine)
      if log != nil { keepBlockInput(mine) }
      attentionSublayer(weights.attention, layer, batch, mine, worker)
      mlpSublayer(weights.mlp, layer, batch, mine, worker)
      if log != nil { compareBlock(layer, batch, mine) }
    }
    keep(shape.layers, batch, mine)
  }

  /// x ← x + attention(x), or what stands in its place
  func attentionSublayer(
    _ weights: Weights.SublayerWeights<Weights.AttentionWeights>, _ layer: Int, _ batch: Batch,
    _ mine: Range<Int>, _ worker: Int
  ) {
    switch weights {
    case .own(let own):
      attention(own, layer, batch, mine, worker)
      addToStream(layer, .attention, own.postNorm, batch, mine)
    case .map(let map):
      self.map(map, batch, mine, worker)
      addToStream(layer, .attention, map.postNorm, batch, mine)
    case .absent: break
    }
  }

  /// x ← x + mlp(x), or what stands in its place
  func mlpSublayer(
    _ weights: Weights.SublayerWeights<Weights.MLPWeights>, _ layer: Int, _ batch: Batch,
    _ mine: Range<Int>, _ worker: Int
  ) {
    switch weights {
    case .own(let own):
      mlp(own, layer, batch, mine, worker)
      addToStream(layer, .mlp, own.postNorm, batch, mine)
    case .map(let map):
      self.map(map, batch, mine, worker)
      addToStream(layer, .mlp, map.postNorm, batch, mine)
    case .absent: break
    }
  }

  /// The rotations of each token's position.
  private func fillRope(_ batch: Batch, _ mine: Range<Int>) {
    for t in mine { workspace.rope.fill(row: t, position: batch.position + t) }
  }

  /// x[t, d] ← embedding of each token
  func embed(_ batch: Batch, _ mine: Range<Int>) {
    let scale = shape.embeddingScale
    for t in mine {
      let row = UnsafeMutableBufferPointer(start: workspace.stream + t * shape.width, count: shape.width)
      model.embedding.dequantize(row: Int(batch.tokens[t]), into: row)
      if let base = row.baseAddress { weights.rotations?.stream.apply(to: base, count: row.count) }
      if scale != 1 { kernels.pointee.scale_cap(row.baseAddress, Int32(row.count), scale, 0) }
    }
  }

  /// W_down · (act(W_gate n) ⊙ W_up n), n the sublayer's input  →  delta[t, d]
  private func mlp(_ w: Weights.MLPWeights, _ layer: Int, _ batch: Batch, _ mine: Range<Int>, _ worker: Int) {
    takeInput(w.input, mine)
    pool.barrier()
    importance?.add(workspace.normed, count: batch.count, at: .init(layer: layer, input: .mlp), pool, worker)
    let hidden = workspace.hidden, width = w.width.roundedUp(to: 32), rows = Int(w.gate.rows)
    // Whole groups of 32 columns, so that each worker can encode its own part of the hidden row.
    let groups = pool.share(width / 32, worker)
    let columns = groups.lowerBound * 32..<min(groups.upperBound * 32, rows)
    if !columns.isEmpty {
      let tiles = columns.lowerBound / 16..<columns.upperBound / 16
      multiply(w.gate, workspace.normed, batch.count, hidden.values, hidden.stride, tiles, worker)
      multiply(w.up, workspace.normed, batch.count, workspace.up, hidden.stride, tiles, worker)
    }
    for t in 0..<batch.count where !columns.isEmpty {
      let gate = hidden.row(t), up = workspace.up + t * hidden.stride
      add(w.gateBias, to: gate, columns, of: w.width)
      add(w.upBias, to: up, columns, of: w.width)
      kernels.pointee.gate(
        gate + columns.lowerBound, up + columns.lowerBound, Int32(columns.count), gateKind)
      // A wider layer may have left something behind the last tile.
      if columns.upperBound == rows { (gate + rows).update(repeating: 0, count: width - rows) }
      if w.subNorm == nil {
        hidden.quantize(token: t, columns: groups.lowerBound * 32..<groups.upperBound * 32, kernels)
      }
    }
    if let subNorm = w.subNorm {
      pool.barrier()
      for t in mine {
        normalise(hidden.row(t), subNorm, w.width, into: hidden.row(t))
        hidden.quantize(token: t, columns: 0..<width, kernels)
      }
    }
    pool.barrier()
    importance?.add(hidden, count: batch.count, at: .init(layer: layer, input: .hidden), pool, worker)
    multiply(w.down, hidden, batch.count, workspace.delta, workspace.deltaStride, worker)
    pool.barrier()
    addOutputBias(w.downBias, mine)
  }

  /// W n + bias, n the sublayer's input  →  delta[t, d]
  private func map(_ w: Weights.MapWeights, _ batch: Batch, _ mine: Range<Int>, _ worker: Int) {
    if let input = w.input {
      takeInput(input, mine)
      pool.barrier()
    }
    if let matrix = w.matrix {
      multiply(matrix, workspace.normed, batch.count, workspace.delta, workspace.deltaStride, worker)
      pool.barrier()
    }
    for t in mine {
      let delta = workspace.delta + t * workspace.deltaStride
      let isSkipped = w.skipsFirst && batch.position + t == 0
      if w.matrix == nil || isSkipped { delta.update(repeating: 0, count: shape.width) }
      if isSkipped { continue }
      if let bias = w.bias { kernels.pointee.add(delta, bias, Int32(shape.width)) }
    }
  }

  /// Logits of `rows` of the last batch, at most `Workspace.logitRows`: [rows, vocabulary padded].
  func logits(rows: Range<Int>) -> UnsafeMutablePointer<Float> {
    precondition(rows.count <= Workspace.logitRows)
    pool.run { worker in
      for row in pool.share(rows.count, worker) {
        let normed = workspace.normed
        normalise(
          workspace.stream + (rows.lowerBound + row) * shape.width, weights.finalNorm, shape.width,
          into: normed.row(row))
        normed.quantize(token: row, columns: 0..<normed.stride, kernels)
      }
      pool.barrier()
      importance?.add(workspace.normed, count: rows.count, at: .init(layer: nil, input: .head), pool, worker)
      multiply(weights.head, workspace.normed, rows.count, workspace.logits, workspace.logitStride, worker)
      pool.barrier()
      if shape.logitSoftCap > 0 || shape.logitScale != 1 {
        for row in pool.share(rows.count, worker) {
          kernels.pointee.scale_cap(
            workspace.logits + row * workspace.logitStride, Int32(shape.vocabulary), shape.logitScale,
            shape.logitSoftCap)
        }
      }
    }
    return workspace.logits
  }
}

// MARK: - The steps that sublayers share

extension ForwardPass {
  /// n[t, d] ← what a sublayer reads of the stream x[t, d], also as codes.
  func takeInput(_ input: Weights.InputWeights, _ mine: Range<Int>) {
    let normed = workspace.normed
    for t in mine {
      let stream = workspace.stream + t * shape.width
      switch input {
      case .norm(let norm): normalise(stream, norm, shape.width, into: normed.row(t))
      case .stream: normed.row(t).update(from: stream, count: shape.width)
      case .attentionInput: return  // it is still there
      }
      normed.quantize(token: t, columns: 0..<normed.stride, kernels)
    }
  }

  /// out ← norm(x) · weight + bias over `count` elements.
  func normalise(
    _ x: UnsafePointer<Float>, _ norm: Weights.NormWeights, _ count: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    if usesLayerNorm {
      kernels.pointee.layer_norm(x, norm.weight, norm.bias, Int32(count), shape.normEpsilon, out)
    } else {
      kernels.pointee.rms_norm(x, norm.weight, Int32(count), shape.normEpsilon, out)
    }
  }

  /// Adds `columns` of a bias of `width` elements; the columns may go on beyond it.
  private func add(
    _ bias: UnsafePointer<Float>?, to x: UnsafeMutablePointer<Float>, _ columns: Range<Int>, of width: Int
  ) {
    guard let bias, columns.lowerBound < width else { return }
    kernels.pointee.add(
      x + columns.lowerBound, bias + columns.lowerBound,
      Int32(min(columns.upperBound, width) - columns.lowerBound))
  }

  /// delta[t, d] ← delta + bias
  func addOutputBias(_ bias: UnsafePointer<Float>?, _ mine: Range<Int>) {
    guard let bias else { return }
    for t in mine {
      kernels.pointee.add(workspace.delta + t * workspace.deltaStride, bias, Int32(shape.width))
    }
  }

  /// y[t, rows] ← W x[t], the worker's share of the rows.
  func multiply(
    _ matrix: pare_matrix, _ x: Activations, _ tokens: Int, _ y: UnsafeMutablePointer<Float>, _ stride: Int,
    _ worker: Int
  ) {
    multiply(matrix, x, tokens, y, stride, pool.share(Int(matrix.rows) / 16, worker), worker)
  }

  func multiply(
    _ matrix: pare_matrix, _ x: Activations, _ tokens: Int, _ y: UnsafeMutablePointer<Float>, _ stride: Int,
    _ tiles: Range<Int>, _ worker: Int
  ) {
    guard !tiles.isEmpty else { return }
    withUnsafePointer(to: matrix) { matrix in
      withUnsafePointer(to: x.view) { x in
        kernels.pointee.multiply(
          matrix, Int32(tiles.lowerBound), Int32(tiles.upperBound), x, Int32(tokens), y, stride,
          workspace.panels[worker])
      }
    }
  }

  /// x ← x + scale · delta, or x + scale · norm(delta) where the architecture has post-norms.
  private func addToStream(
    _ layer: Int, _ part: SimilarityLog.Part, _ postNorm: Weights.NormWeights?, _ batch: Batch,
    _ mine: Range<Int>
  ) {
    for t in mine {
      let delta = workspace.delta + t * workspace.deltaStride
      if let postNorm { normalise(delta, postNorm, shape.width, into: delta) }
      var sums: (Float, Float, Float) = (0, 0, 0)
      let stream = workspace.stream + t * shape.width
      guard let log else {
        kernels.pointee.residual_add(stream, delta, Int32(shape.width), shape.residualScale, nil)
        continue
      }
      withUnsafeMutableBytes(of: &sums) {
        kernels.pointee.residual_add(
          stream, delta, Int32(shape.width), shape.residualScale,
          $0.baseAddress?.assumingMemoryBound(to: Float.self))
      }
      log.record(part, layer: layer, position: batch.position + t, sums: sums)
    }
  }

  /// Keeps the stream before `layer` for the positions that have checkpoints.
  private func keep(_ layer: Int, _ batch: Batch, _ mine: Range<Int>) {
    guard let checkpoints else { return }
    let count = min(mine.upperBound, checkpoints.positions - batch.position) - mine.lowerBound
    guard count > 0 else { return }
    checkpoints.row(layer: layer, position: batch.position + mine.lowerBound)
      .update(from: workspace.stream + mine.lowerBound * shape.width, count: count * shape.width)
  }

  /// x[t, d] ← the stream before `layer`
  private func restore(_ layer: Int, _ batch: Batch, _ mine: Range<Int>) {
    guard let checkpoints else { return }
    (workspace.stream + mine.lowerBound * shape.width)
      .update(
        from: checkpoints.row(layer: layer, position: batch.position + mine.lowerBound),
        count: mine.count * shape.width)
  }

  /// x ← the streams of `positions` after the last layer, in the first rows.
  func restoreEnd(_ positions: Range<Int>) {
    guard let checkpoints else { return }
    workspace.stream.update(
      from: checkpoints.row(layer: shape.layers, position: positions.lowerBound),
      count: positions.count * shape.width)
  }

  private func keepBlockInput(_ mine: Range<Int>) {
    let start = mine.lowerBound * shape.width
    (workspace.blockInput + start).update(from: workspace.stream + start, count: mine.count * shape.width)
  }

  private func compareBlock(_ layer: Int, _ batch: Batch, _ mine: Range<Int>) {
    for t in mine {
      let before = workspace.blockInput + t * shape.width, after = workspace.stream + t * shape.width
      var sums: (Float, Float, Float) = (0, 0, 0)
      withUnsafeMutableBytes(of: &sums) {
        kernels.pointee.compare(
          before, after, Int32(shape.width), $0.baseAddress?.assumingMemoryBound(to: Float.self))
      }
      log?.record(.block, layer: layer, position: batch.position + t, sums: sums)
    }
  }
}

/// Carries a value whose pointers outlive the pass into the workers.
private struct UncheckedBox<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
