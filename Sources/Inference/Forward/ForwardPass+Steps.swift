import CKernels
import Quantization

/// The steps that sublayers share.
extension ForwardPass {
  /// n[t, d] ← what a sublayer reads of the stream x[t, d], also as codes.
  func takeInput(_ input: Weights.InputWeights, _ mine: Range<Int>, of count: Int) {
    let normed = workspace.normed
    for t in mine {
      let stream = workspace.stream + t * shape.width
      switch input {
      case .norm(let norm): normalise(stream, norm, shape.width, into: normed.row(t))
      case .stream: normed.row(t).update(from: stream, count: shape.width)
      case .attentionInput: return  // it is still there
      }
      normed.quantize(token: t, of: count, columns: 0..<normed.stride, kernels)
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

  /// delta[t, d] ← delta + bias
  func addOutputBias(_ bias: UnsafePointer<Float>?, _ mine: Range<Int>) {
    guard let bias else { return }
    for t in mine {
      kernels.pointee.add(workspace.delta + t * workspace.deltaStride, bias, Int32(shape.width))
    }
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
  func keep(_ layer: Int, _ batch: Batch, _ mine: Range<Int>) {
    guard let checkpoints else { return }
    let start = batch.position + mine.lowerBound, end = min(checkpoints.positions, start + mine.count)
    guard start < end else { return }
    checkpoints.keep(
      workspace.stream + mine.lowerBound * shape.width, layer: layer, positions: start..<end)
  }

  /// x[t, d] ← the stream before `layer`
  func restore(_ layer: Int, _ batch: Batch, _ mine: Range<Int>) {
    let start = batch.position + mine.lowerBound
    checkpoints?.restore(
      layer: layer, positions: start..<start + mine.count,
      into: workspace.stream + mine.lowerBound * shape.width)
  }

  /// x ← the streams of `positions` after the last layer, in the first rows.
  func restoreEnd(_ positions: Range<Int>) {
    checkpoints?.restore(layer: shape.layers, positions: positions, into: workspace.stream)
  }

  func keepBlockInput(_ mine: Range<Int>) {
    let start = mine.lowerBound * shape.width
    (workspace.blockInput + start).update(from: workspace.stream + start, count: mine.count * shape.width)
  }

  func compareBlock(_ layer: Int, _ batch: Batch, _ mine: Range<Int>) {
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
