import CKernels
import Quantization

/// The steps that sublayers share.
extension ForwardPass {
  @inline(__always) var model: Model { transformer.model }
  @inline(__always) var shape: Hyperparameters { transformer.shape }
  @inline(__always) var weights: Weights { transformer.weights }
  @inline(__always) var cache: KVCache { transformer.cache }
  @inline(__always) var workspace: Workspace { transformer.workspace }
  @inline(__always) var recorder: Recorder { transformer.recorder }
  @inline(__always) var pool: ComputePool { transformer.pool }
  @inline(__always) var kernels: UnsafePointer<pare_kernels> { transformer.kernels }
  /// The codes of activations that matrices of layers take.
  @inline(__always) var coding: ActivationCoding { transformer.coding }

  /// Waits until all workers are here.
  @inline(__always)
  func barrier() { pool.barrier() }

  /// Waits for the rows of the other workers, unless every worker has computed its own.
  @inline(__always)
  func meet() { if !rows.areOwn { pool.barrier() } }

  /// The cosines and sines of every token's position.
  func fillRope() {
    for t in rows.tokens(.first) { workspace.rope.fill(row: t, position: batch.position + t) }
  }

  /// n[t, d], what a sublayer reads of the stream x[t, d], with its codes.
  func input(_ input: Weights.InputWeights) -> Activations {
    if case .attentionInput = input { return rows.normed }  // it is still there
    for t in rows.tokens {
      let x = rows.stream.row(t), n = rows.normed.row(t)
      switch input {
      case .norm(let norm): normalize(x, norm, shape.width, into: n)
      case .stream, .attentionInput: n.update(from: x, count: shape.width)
      }
      rows.normed.quantize(token: t, of: batch.count, columns: 0..<rows.normed.stride, coding, kernels)
    }
    meet()
    return rows.normed
  }

  /// The worker's delta[t, d] ← the product that all workers computed, plus bias.
  func fetchDelta(adding bias: UnsafePointer<Float>?) {
    for t in rows.tokens {
      let delta = rows.delta.row(t)
      if rows.areOwn { delta.update(from: workspace.delta.start, count: shape.width) }
      if let bias { kernels.pointee.add(delta, bias, Int32(shape.width)) }
    }
  }

  /// x ← x + scale · delta, or x + scale · norm(delta) where the architecture has norms after the sublayers.
  func addDelta(_ part: Part, _ layer: Int, _ postNorm: Weights.NormWeights?) {
    for t in rows.tokens {
      let delta = rows.delta.row(t)
      if let postNorm { normalize(delta, postNorm, shape.width, into: delta) }
      addToStream(delta, part, layer: layer, token: t)
    }
  }

  /// out ← norm(x) · weight + bias over `count` elements.
  func normalize(
    _ x: UnsafePointer<Float>, _ norm: Weights.NormWeights, _ count: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    if transformer.usesLayerNorm {
      kernels.pointee.layer_norm(x, norm.weight, norm.bias, Int32(count), shape.normEpsilon, out)
    } else {
      kernels.pointee.rms_norm(x, norm.weight, Int32(count), shape.normEpsilon, out)
    }
  }

  /// row ← norm(row + bias), all heads as one.
  func normalizeRow(
    _ row: UnsafeMutablePointer<Float>, _ count: Int, _ norm: Weights.HeadNormWeights,
    _ bias: UnsafePointer<Float>?
  ) {
    if let bias { kernels.pointee.add(row, bias, Int32(count)) }
    normalize(row, .init(weight: norm.weight), count, into: row)
  }

  /// Adds `columns` of a bias of `width` elements; the columns may go on beyond it.
  func add(
    _ bias: UnsafePointer<Float>?, to x: UnsafeMutablePointer<Float>, _ columns: Range<Int>, of width: Int
  ) {
    guard let bias, columns.lowerBound < width else { return }
    kernels.pointee.add(
      x + columns.lowerBound, bias + columns.lowerBound,
      Int32(min(columns.upperBound, width) - columns.lowerBound))
  }

  /// The fewest tiles of 16 rows that a worker multiplies at once: with many tokens more, so that activations
  /// are not read too often.
  var leastTiles: Int { batch.count == 1 ? 2 : 8 }

  /// y[t] ← W x[t], shared out by rows of W; a barrier must follow.
  func multiply(
    _ matrix: pare_matrix, _ x: Activations, _ coding: ActivationCoding? = nil, into y: RowBuffer
  ) {
    pool.divide(Int(matrix.rows) / 16, worker, least: leastTiles) {
      multiply(matrix, x, coding, into: y, tiles: $0)
    }
  }

  /// y[t] ← W x[t] for some tiles of 16 rows of W.
  func multiply(
    _ matrix: pare_matrix, _ x: Activations, _ coding: ActivationCoding? = nil, into y: RowBuffer,
    tiles: Range<Int>
  ) {
    guard !tiles.isEmpty else { return }
    withUnsafePointer(to: matrix) { matrix in
      withUnsafePointer(to: x.view(coding ?? self.coding)) { x in
        pare_multiply(
          kernels, matrix, Int32(tiles.lowerBound), Int32(tiles.upperBound), x, Int32(batch.count), y.start,
          y.stride, workspace.panels[worker])
      }
    }
  }
}
