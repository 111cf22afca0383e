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
  let pool: ComputePool
  let kernels: UnsafePointer<pare_kernels>

  /// The tokens under way.
  struct Batch {
    var tokens: UnsafePointer<Token>
    var count: Int
    /// Position of the first token.
    var position: Int
  }

  init(
    _ model: Model, weights: Weights, cache: KVCache, workspace: Workspace, log: SimilarityLog?,
    pool: ComputePool, kernels: Kernels
  ) {
    self.model = model
    shape = model.shape
    self.weights = weights
    self.cache = cache
    self.workspace = workspace
    self.log = log
    self.pool = pool
    self.kernels = kernels.table
  }

  /// Computes the residual stream of `batch` and appends its keys and values to the cache.
  func run(_ batch: Batch) {
    let batch = UncheckedBox(batch)
    pool.run { worker in run(batch.value, worker) }
  }

  private func run(_ batch: Batch, _ worker: Int) {
    let mine = pool.share(batch.count, worker)
    embed(batch, mine)
    for layer in 0..<shape.layers {
      let weights = weights.layers[layer]
      if log != nil { keepBlockInput(mine) }
      if let attention = weights.attention {
        self.attention(attention, layer, batch, mine, worker)
        addToStream(layer, .attention, attention.postNorm, batch, mine)
      }
      if let mlp = weights.mlp {
        self.mlp(mlp, batch, mine, worker)
        addToStream(layer, .mlp, mlp.postNorm, batch, mine)
      }
      if log != nil { compareBlock(layer, batch, mine) }
    }
  }

  /// x[t, d] ← embedding of each token; and the rotations of its position.
  private func embed(_ batch: Batch, _ mine: Range<Int>) {
    let scale = model.architecture.scalesEmbedding ? Float(shape.width).squareRoot() : 1
    for t in mine {
      let row = UnsafeMutableBufferPointer(start: workspace.stream + t * shape.width, count: shape.width)
      model.embedding.type.dequantize(model.embedding.row(Int(batch.tokens[t])), into: row)
      if scale != 1 { kernels.pointee.scale_cap(row.baseAddress, Int32(row.count), scale, 0) }
      workspace.rope.fill(row: t, position: batch.position + t)
    }
  }

  /// W_down · (act(W_gate n) ⊙ W_up n), n = norm(x)  →  delta[t, d]
  private func mlp(_ w: Weights.MLPWeights, _ batch: Batch, _ mine: Range<Int>, _ worker: Int) {
    normalise(w.norm, mine)
    pool.barrier()
    let hidden = workspace.hidden
    // Whole groups of 32 columns, so that each worker can encode its own part of the hidden row.
    let groups = pool.share(hidden.stride / 32, worker)
    let last = Int(w.gate.rows) / 16
    let tiles = min(groups.lowerBound * 2, last)..<min(groups.upperBound * 2, last)
    multiply(w.gate, workspace.normed, batch.count, hidden.values, hidden.stride, tiles, worker)
    multiply(w.up, workspace.normed, batch.count, workspace.up, hidden.stride, tiles, worker)
    let columns = groups.lowerBound * 32..<groups.upperBound * 32
    for t in 0..<batch.count where !columns.isEmpty {
      kernels.pointee.gate(
        hidden.row(t) + columns.lowerBound, workspace.up + t * hidden.stride + columns.lowerBound,
        Int32(columns.count), model.architecture.gate.kernelValue)
      hidden.quantize(token: t, columns: columns, kernels)
    }
    pool.barrier()
    multiply(w.down, hidden, batch.count, workspace.delta, workspace.deltaStride, worker)
    pool.barrier()
  }

  /// Logits of `rows` of the last batch, at most `Workspace.logitRows`: [rows, vocabulary padded].
  func logits(rows: Range<Int>) -> UnsafeMutablePointer<Float> {
    precondition(rows.count <= Workspace.logitRows)
    pool.run { worker in
      for row in pool.share(rows.count, worker) {
        normalise(weights.finalNorm, from: rows.lowerBound + row, to: row)
      }
      pool.barrier()
      multiply(weights.head, workspace.normed, rows.count, workspace.logits, workspace.logitStride, worker)
      pool.barrier()
      if shape.logitSoftCap > 0 {
        for row in pool.share(rows.count, worker) {
          kernels.pointee.scale_cap(
            workspace.logits + row * workspace.logitStride, Int32(shape.vocabulary), 1, shape.logitSoftCap)
        }
      }
    }
    return workspace.logits
  }
}

// MARK: - The steps that sublayers share

extension ForwardPass {
  /// n[t, d] ← norm(x[t, d]) · weight, also as codes.
  func normalise(_ weight: UnsafePointer<Float>?, _ mine: Range<Int>) {
    for t in mine { normalise(weight, from: t, to: t) }
  }

  private func normalise(_ weight: UnsafePointer<Float>?, from row: Int, to: Int) {
    let normed = workspace.normed
    kernels.pointee.rms_norm(
      workspace.stream + row * shape.width, weight, Int32(shape.width), shape.normEpsilon, normed.row(to))
    normed.quantize(token: to, columns: 0..<normed.stride, kernels)
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

  /// x ← x + delta, or x + norm(delta) where the architecture has post-norms.
  private func addToStream(
    _ layer: Int, _ part: SimilarityLog.Part, _ postNorm: UnsafePointer<Float>?, _ batch: Batch,
    _ mine: Range<Int>
  ) {
    for t in mine {
      let delta = workspace.delta + t * workspace.deltaStride
      if let postNorm {
        kernels.pointee.rms_norm(delta, postNorm, Int32(shape.width), shape.normEpsilon, delta)
      }
      var sums: (Float, Float, Float) = (0, 0, 0)
      let stream = workspace.stream + t * shape.width
      guard let log else {
        kernels.pointee.residual_add(stream, delta, Int32(shape.width), 1, nil)
        continue
      }
      withUnsafeMutableBytes(of: &sums) {
        kernels.pointee.residual_add(
          stream, delta, Int32(shape.width), 1, $0.baseAddress?.assumingMemoryBound(to: Float.self))
      }
      log.record(part, layer: layer, position: batch.position + t, sums: sums)
    }
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
