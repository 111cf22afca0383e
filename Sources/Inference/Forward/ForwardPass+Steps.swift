import CKernels
import Quantization

/// The steps that sublayers share.
extension ForwardPass {
  /// n[t, d] ← what a sublayer reads of the stream x[t, d], also as codes.
  func takeInput(_ input: Weights.InputWeights, _ mine: Rows, of count: Int) {
    if case .attentionInput = input { return }  // it is still there
    for t in mine.tokens {
      let stream = mine.stream + t * shape.width, normed = mine.normed.row(t)
      switch input {
      case .norm(let norm): normalise(stream, norm, shape.width, into: normed)
      default: normed.update(from: stream, count: shape.width)
      }
      mine.normed.quantize(token: t, of: count, columns: 0..<mine.normed.stride, kernels)
    }
    meet(mine)
  }

  /// Waits for the rows of others, if they are not their own.
  @inline(__always)
  func meet(_ mine: Rows) { if !mine.areOwn { pool.barrier() } }

  /// delta[t, d] ← what a product left there, plus bias
  func takeDelta(_ bias: UnsafePointer<Float>?, _ mine: Rows) {
    for t in mine.tokens {
      let delta = mine.delta + t * workspace.deltaStride
      if mine.areOwn { delta.update(from: workspace.delta, count: shape.width) }
      if let bias { kernels.pointee.add(delta, bias, Int32(shape.width)) }
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
  func add(
    _ bias: UnsafePointer<Float>?, to x: UnsafeMutablePointer<Float>, _ columns: Range<Int>, of width: Int
  ) {
    guard let bias, columns.lowerBound < width else { return }
    kernels.pointee.add(
      x + columns.lowerBound, bias + columns.lowerBound,
      Int32(min(columns.upperBound, width) - columns.lowerBound))
  }

  /// Tiles that a worker does at once at least: of many tokens' products so many that activations are not read too often.
  func leastTiles(_ tokens: Int) -> Int { tokens == 1 ? 2 : 8 }

  /// y[t] ← W x[t], shared out by rows; a barrier must follow.
  func multiply(
    _ matrix: pare_matrix, _ x: Activations, _ tokens: Int, _ y: UnsafeMutablePointer<Float>, _ stride: Int,
    _ worker: Int
  ) {
    pool.divide(Int(matrix.rows) / 16, worker, least: leastTiles(tokens)) {
      multiply(matrix, x, tokens, y, stride, $0, worker)
    }
  }

  /// y[t, rows] ← W x[t], rows of some tiles.
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
  func addToStream(
    _ layer: Int, _ part: Part, _ postNorm: Weights.NormWeights?, _ batch: Batch, _ mine: Rows
  ) {
    let recorded = mine.tokens(part == .attention ? .first : .second)
    for t in mine.tokens {
      let delta = mine.delta + t * workspace.deltaStride
      if let postNorm { normalise(delta, postNorm, shape.width, into: delta) }
      var sums: (Float, Float, Float) = (0, 0, 0)
      let stream = mine.stream + t * shape.width
      guard let log, recorded.contains(t) else {
        kernels.pointee.residual_add(stream, delta, Int32(shape.width), shape.residualScale, nil)
        continue
      }
      withUnsafeMutableBytes(of: &sums) {
        let three = $0.baseAddress?.assumingMemoryBound(to: Float.self)
        kernels.pointee.compare(delta, delta, Int32(shape.width), three)
        log.record(
          part, layer: layer, position: batch.position + t,
          norm: abs(shape.residualScale) * (three?[0] ?? .nan).squareRoot())
        kernels.pointee.residual_add(stream, delta, Int32(shape.width), shape.residualScale, three)
      }
      log.record(part, layer: layer, position: batch.position + t, sums: sums)
    }
  }

  /// Keeps the stream before `layer` for the positions that have checkpoints.
  func keep(_ layer: Int, _ batch: Batch, _ mine: Rows) {
    guard let checkpoints else { return }
    let tokens = mine.tokens(.second)
    let start = batch.position + tokens.lowerBound, end = min(checkpoints.positions, start + tokens.count)
    guard start < end else { return }
    checkpoints.keep(mine.stream + tokens.lowerBound * shape.width, layer: layer, positions: start..<end)
  }

  /// x[t, d] ← the stream before `layer`
  func restore(_ layer: Int, _ batch: Batch, _ mine: Rows) {
    let start = batch.position + mine.tokens.lowerBound
    checkpoints?.restore(
      layer: layer, positions: start..<start + mine.tokens.count,
      into: mine.stream + mine.tokens.lowerBound * shape.width)
  }

  /// x ← the streams of `positions` after the last layer, in the first rows.
  func restoreEnd(_ positions: Range<Int>) {
    checkpoints?.restore(layer: shape.layers, positions: positions, into: workspace.stream)
  }

  func keepBlockInput(_ mine: Rows) {
    let tokens = mine.tokens(.first), start = tokens.lowerBound * shape.width
    (mine.blockInput + start).update(from: mine.stream + start, count: tokens.count * shape.width)
  }

  func compareBlock(_ layer: Int, _ batch: Batch, _ mine: Rows) {
    for t in mine.tokens(.first) {
      let before = mine.blockInput + t * shape.width, after = mine.stream + t * shape.width
      var sums: (Float, Float, Float) = (0, 0, 0)
      withUnsafeMutableBytes(of: &sums) {
        kernels.pointee.compare(
          before, after, Int32(shape.width), $0.baseAddress?.assumingMemoryBound(to: Float.self))
      }
      log?.record(.block, layer: layer, position: batch.position + t, sums: sums)
    }
  }
}
